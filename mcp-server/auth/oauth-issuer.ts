import { z } from 'zod';

import { BulwarkError } from '../../core/errors';
import type { Clock } from '../../core/ports';
import { ConfigError, type FullConfig } from '../config/read-config';

/** Longest wait for what an issuer says of itself, in ms. */
const METADATA_TIMEOUT_MS = 5_000;

/** How long an issuer is not asked again whose answer cannot be used, in ms: anybody may want to know who it is. */
const UNUSABLE_FOR_MS = 5_000;

/** Least time between two times that an issuer is asked which does not answer, in ms: each request may ask. */
const ASK_AGAIN_MS = 1_000;

/** From which status on the fault is the issuer's, and may pass. */
const FAILS_FOR_NOW = 500;

const metadataSchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url().optional() });

/** What an OAuth server says of itself (RFC 8414). */
type Metadata = z.output<typeof metadataSchema>;

/** An issuer does not answer now, so its tokens cannot be checked. */
export class IssuerDownError extends BulwarkError {
	readonly code = 'OAUTH_ISSUER_DOWN';

	/** @param problem what was asked of it, and what came of it. */
	constructor(issuer: string, problem: string, cause: unknown) {
		super(
			`oauth.issuer (${issuer}) ${problem}: ${reasonOf(cause)}`,
			'Let this server reach the issuer, and write it as the issuer does; or set oauth.jwksUrl',
		);
		this.cause = cause;
	}
}

/** The issuer that is configured, asked who it is until it has said so: it may be down when this server starts. */
export class IssuerLookup {
	private asked: Promise<Metadata> | undefined;
	private known: Metadata | undefined;
	/** Before it is asked again. */
	private pause: Promise<void> | undefined;
	private unusable: { readonly error: ConfigError; readonly until: number } | undefined;

	constructor(
		private readonly oauth: NonNullable<FullConfig['oauth']>,
		private readonly clock: Clock,
	) {}

	/**
	 * Where its keys are. Where that is set it is not asked, so that its tokens are checked whatever it says of itself.
	 * @throws {IssuerDownError} while it does not answer.
	 * @throws {ConfigError} where what it answers cannot be used.
	 */
	async jwksUrl(): Promise<URL> {
		const { issuer, jwksUrl } = this.oauth;
		const found = jwksUrl ?? (await this.metadata()).jwks_uri;
		if (found === undefined) throw unusable(issuer, 'its metadata lack jwks_uri');
		return new URL(found);
	}

	/**
	 * What it says of itself.
	 * @throws {IssuerDownError} while it does not answer.
	 * @throws {ConfigError} where it says nothing that can be used.
	 */
	async metadata(): Promise<Metadata> {
		if (this.known) return this.known;
		if (this.unusable && this.clock.now() < this.unusable.until) throw this.unusable.error;
		this.asked ??= this.ask().finally(() => (this.asked = undefined));
		this.known = await this.asked;
		return this.known;
	}

	/** Who asks soon after it did not answer waits, so as to be let in as soon as it does. */
	private async ask(): Promise<Metadata> {
		await this.pause;
		try {
			return await askIssuer(this.oauth.issuer);
		} catch (error) {
			if (error instanceof ConfigError)
				this.unusable = { error, until: this.clock.now() + UNUSABLE_FOR_MS };
			else this.pause = new Promise((resolve) => void this.clock.schedule(resolve, ASK_AGAIN_MS));
			throw error;
		}
	}
}

async function askIssuer(issuer: string): Promise<Metadata> {
	try {
		const metadata = await metadataOf(issuer);
		// What another says of itself must not be used (RFC 8414, 3.3).
		if (metadata.issuer === issuer) return metadata;
		throw new Error(`it calls itself ${metadata.issuer}, and so do its tokens`);
	} catch (error) {
		if (error instanceof NoAnswer) throw new IssuerDownError(issuer, UNTOLD, error.cause);
		throw unusable(issuer, (error as Error).message);
	}
}

const UNTOLD = 'does not say where its keys are';

const unusable = (issuer: string, problem: string): ConfigError =>
	new ConfigError(
		`oauth.issuer (${issuer}) ${UNTOLD}: ${problem}`,
		'Write the issuer as it does itself; or set oauth.jwksUrl',
	);

/** It may answer another time. */
class NoAnswer extends Error {
	constructor(override readonly cause: unknown) {
		super(reasonOf(cause));
	}
}

/** The error of `fetch` says no more than that it failed. */
function reasonOf(error: unknown): string {
	const { message, cause } = error as Error;
	const code = (cause as NodeJS.ErrnoException | undefined)?.code;
	return code ? `${message} (${code})` : message;
}

/** By OpenID Connect Discovery, or else by RFC 8414. */
async function metadataOf(issuer: string): Promise<Metadata> {
	const { origin, pathname } = new URL(issuer);
	const path = pathname.replace(/\/$/, '');
	try {
		return await documentAt(`${origin}${path}/.well-known/openid-configuration`);
	} catch (error) {
		const other = `${origin}/.well-known/oauth-authorization-server${path}`;
		return await documentAt(other).catch((otherError: unknown) => {
			throw otherError instanceof NoAnswer ? otherError : error;
		});
	}
}

async function documentAt(url: string): Promise<Metadata> {
	const signal = AbortSignal.timeout(METADATA_TIMEOUT_MS);
	const noAnswer = (error: unknown): never => {
		throw new NoAnswer(error);
	};
	const answer = await fetch(url, { signal }).catch(noAnswer);
	const text = await answer.text().catch(noAnswer);
	const problem = new Error(`it answers ${answer.status}`);
	if (answer.status >= FAILS_FOR_NOW) noAnswer(problem);
	if (!answer.ok) throw problem;
	const result = metadataSchema.safeParse(JSON.parse(text));
	if (!result.success)
		throw new Error(`its metadata lack ${result.error.issues[0]!.path.join('.')}`);
	return result.data;
}
