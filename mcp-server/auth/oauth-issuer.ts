import type { OAuthMetadata } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { BulwarkError } from '../../core/errors';
import { ConfigError, type FullConfig } from '../config/read-config';

/** Longest wait for what an issuer says of itself, in ms. */
const METADATA_TIMEOUT_MS = 5_000;

/** From which status on the fault is the issuer's, and may pass. */
const FAILS_FOR_NOW = 500;

const metadataSchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** An OAuth server whose tokens are accepted. */
export interface OauthIssuer {
	readonly jwksUrl: URL;
	/** What it says of itself; no more than its name where only its keys are known. */
	readonly metadata: OAuthMetadata;
}

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
	private asked: Promise<OauthIssuer> | undefined;
	private known: OauthIssuer | undefined;

	constructor(private readonly oauth: NonNullable<FullConfig['oauth']>) {}

	/** What it says of itself; no more than its name as long as it has said nothing. */
	get metadata(): OAuthMetadata {
		return this.known?.metadata ?? asMetadata({ issuer: this.oauth.issuer });
	}

	/**
	 * @throws {IssuerDownError} while it does not answer.
	 * @throws {ConfigError} where what it answers cannot be used.
	 */
	async find(): Promise<OauthIssuer> {
		if (this.known) return this.known;
		this.asked ??= findIssuer(this.oauth).finally(() => (this.asked = undefined));
		this.known = await this.asked;
		return this.known;
	}
}

/**
 * Asks an issuer who it is.
 * @throws {IssuerDownError} where it does not answer, and nobody else says where its keys are.
 * @throws {ConfigError} where its answer does not say that either.
 */
export async function findIssuer({
	issuer,
	jwksUrl,
}: NonNullable<FullConfig['oauth']>): Promise<OauthIssuer> {
	try {
		const metadata = await metadataOf(issuer);
		if (metadata.issuer !== issuer)
			throw new Error(`it calls itself ${metadata.issuer}, and so do its tokens`);
		return { jwksUrl: new URL(jwksUrl ?? metadata.jwks_uri), metadata: asMetadata(metadata) };
	} catch (error) {
		if (jwksUrl) return { jwksUrl: new URL(jwksUrl), metadata: asMetadata({ issuer }) };
		const problem = 'does not say where its keys are';
		if (error instanceof NoAnswer) throw new IssuerDownError(issuer, problem, error.cause);
		throw new ConfigError(
			`oauth.issuer (${issuer}) ${problem}: ${(error as Error).message}`,
			'Write the issuer as it does itself; or set oauth.jwksUrl',
		);
	}
}

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
async function metadataOf(issuer: string): Promise<z.output<typeof metadataSchema>> {
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

async function documentAt(url: string): Promise<z.output<typeof metadataSchema>> {
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

/** Passed on as it is. */
const asMetadata = (found: { readonly issuer: string }): OAuthMetadata =>
	found as unknown as OAuthMetadata;
