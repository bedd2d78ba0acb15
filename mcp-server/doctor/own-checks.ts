import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { ROLES } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import type { Clock, PlanStore } from '../../core/ports';
import { IssuerLookup } from '../auth/oauth-issuer';
import { protectedResource } from '../auth/protected-resource';
import { secretsOf, type FullConfig } from '../config/read-config';
import type { Services } from '../services';
import { tokenFolderOf } from '../token-folder-of';
import { urlOf } from '../transports/http-server';
import type { Check } from './check';
import { UnansweredError } from './unanswered-error';

/** How long the plan is kept that tries out the store of plans, in ms. */
const TRIAL_KEPT_MS = 60_000;

/** What the state folder must have room for, so that it is not called full: more than any line of the audit log. */
const TRIAL_BYTES = 65_536;

/** Longest wait for an issuer's keys, in ms. */
const KEYS_TIMEOUT_MS = 5_000;

/** What the server itself needs to do its work, and to know who asks. */
export function ownChecks(
	config: FullConfig,
	{ policies, clock }: Services,
	plans: PlanStore,
): readonly Check[] {
	const { http, oauth, stateFolder } = config;
	return [
		{
			source: 'policies',
			consequence:
				'Nothing is known of circuit breakers, limiters and bulkheads that workers share',
			...(policies
				? {
						ask: async () => {
							const page = await policies.registry.list({ limit: 1 });
							return page.policies.length > 0
								? 'steps have used it'
								: 'no step has used it yet: policies are seen where steps keep their state in this Redis';
						},
					}
				: {
						missing: {
							says: 'no Redis is configured',
							remedy: 'Set "redis", or "policies.redis" where steps use another one',
						},
					}),
		},
		{
			source: 'plans',
			consequence: 'Nothing can be changed: a plan that cannot be kept cannot be applied',
			ask: async () => {
				await tryOut(plans, clock);
				return policies
					? 'kept in the Redis of the policies, for all replicas'
					: 'kept in the state folder, for replicas on this machine';
			},
		},
		{
			source: 'state folder',
			consequence: 'Nobody is let in, and nothing can be changed: what was done could not be noted',
			ask: async () => {
				try {
					await tryToWrite(stateFolder);
				} catch (error) {
					throw new UnansweredError(
						`${stateFolder} cannot be written: ${(error as Error).message}`,
						'Make room there and let the user of this process write, or set stateFolder',
					);
				}
				return `${stateFolder} can be written`;
			},
		},
		tokenCheck(config, clock),
		secretCheck(config),
		...(oauth
			? [
					{
						source: 'oauth issuer',
						consequence: 'Tokens of the OAuth server are turned away',
						ask: async () => {
							const issuer = new IssuerLookup(oauth, clock);
							// Refuses what `serve` does.
							protectedResource({ http, oauth }, issuer, urlOf(http));
							return await lookForKeys(oauth, issuer);
						},
					},
				]
			: []),
	];
}

/** A disk that is full takes a folder, or an empty file, all the same. */
async function tryToWrite(folder: string): Promise<void> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	const trial = await mkdtemp(path.join(folder, 'doctor-'));
	try {
		await writeFile(path.join(trial, 'trial'), Buffer.alloc(TRIAL_BYTES), { flush: true });
	} finally {
		await rm(trial, { recursive: true });
	}
}

async function tryOut(plans: PlanStore, clock: Clock): Promise<void> {
	const id = `doctor-${randomUUID()}`;
	const now = clock.now();
	await plans.save(
		{
			id,
			kind: 'none',
			effect: 'repairs',
			role: 'admin',
			summary: 'Tries out whether plans can be kept',
			steps: [],
			madeBy: { name: 'doctor', role: 'admin', via: 'stdio' },
			madeAt: now,
			expiresAt: now,
			stateDigest: '',
			question: '',
			request: {},
		},
		TRIAL_KEPT_MS,
	);
	if (!(await plans.find(id)) || !(await plans.use(id)) || (await plans.use(id)))
		throw new UnansweredError(
			'A plan was not kept as it was saved',
			'Check that nothing else removes keys from this Redis, such as an eviction policy',
		);
}

function tokenCheck(config: FullConfig, clock: Clock): Check {
	const consequence = 'Nobody can connect over HTTP';
	return {
		source: 'tokens',
		consequence,
		ask: async () => {
			const { tokens, unreadable } = await tokenFolderOf(config).readable();
			const [broken] = unreadable;
			const valid = tokens.filter(({ expiresAt }) => clock.now() < expiresAt);
			const isNobodys = valid.length === 0 && !config.oauth;
			if (isNobodys && !broken)
				return {
					says: `none is valid, ${tokens.length} expired`,
					consequence,
					remedy: 'bulwark-mcp token create --name NAME --role viewer',
				};
			const roles = ROLES.map((role) => {
				const count = valid.filter((token) => token.role === role).length;
				return `${count} ${role}`;
			});
			const counted = `${roles.join(', ')}; ${tokens.length - valid.length} expired`;
			if (!broken) return counted;
			return {
				says: [counted, ...unreadable.map(({ message }) => message)].join('; '),
				consequence: isNobodys
					? consequence
					: 'Who brings a token that cannot be read is not let in',
				remedy: broken.remedy,
			};
		},
	};
}

/** Shorter secrets are guessed, and stand in other texts by chance, in characters. */
const SHORT_SECRET = 8;

/** Longest secret that may be a word, in characters. */
const LONGEST_WORD = 15;

function secretCheck(config: FullConfig): Check {
	const secrets = secretsOf(config);
	const weak = secrets.filter(
		({ text }) =>
			text.length < SHORT_SECRET || (text.length <= LONGEST_WORD && /^\p{L}+$/u.test(text)),
	);
	const settings = weak.map(({ setting }) => setting).join(', ');
	return {
		source: 'secrets',
		consequence: 'They are not kept out of texts reliably',
		ask: async () =>
			await Promise.resolve(
				weak.length === 0
					? `${secrets.length} known, all long enough to be kept out of texts`
					: {
							says: `shorter than ${SHORT_SECRET} characters, or a word: ${settings}`,
							consequence:
								'Such secrets stand in other texts, too, so they cannot be kept out of answers reliably',
							remedy: `Take random ones of more than ${LONGEST_WORD} characters`,
						},
			),
	};
}

async function lookForKeys(
	oauth: NonNullable<FullConfig['oauth']>,
	issuer: IssuerLookup,
): Promise<string> {
	const jwksUrl = await issuer.jwksUrl();
	try {
		const answer = await fetch(jwksUrl, { signal: AbortSignal.timeout(KEYS_TIMEOUT_MS) });
		const { keys } = (await answer.json()) as { keys?: unknown[] };
		if (!keys?.length) throw new Error('it has no keys');
		return `${oauth.issuer} has ${keys.length} key${keys.length === 1 ? '' : 's'}`;
	} catch (error) {
		if (error instanceof BulwarkError) throw error;
		throw new UnansweredError(
			`${jwksUrl.origin}${jwksUrl.pathname} does not give its keys: ${(error as Error).message}`,
			'Let this server reach the issuer, or correct oauth.jwksUrl',
		);
	}
}
