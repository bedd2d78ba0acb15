import { StoreError } from '../../../core/errors';
import { COMMAND_TIMEOUT_MS } from './create-client';
import { refusalOf } from './refusals';

/** What is read of an error, wherever it was made. */
interface Raised {
	readonly name?: unknown;
	readonly message?: unknown;
	readonly code?: unknown;
	/** Why the last node of a cluster could not be asked, none of which could. */
	readonly lastNodeError?: unknown;
}

/** Who answered that it does not let us in, and what of our settings is for it. */
interface Server {
	readonly name: string;
	readonly login: string;
}

const REDIS: Server = { name: 'Redis', login: 'User and Password' };
const SENTINEL: Server = { name: 'The sentinel', login: 'Sentinel User and Sentinel Password' };

/** A server's answer that is an error; its first word is a code. */
export const isReply = (error: unknown): error is Error =>
	(error as Raised | undefined)?.name === 'ReplyError';

/** Redis's word on the certificate it was shown, or was not: alerts of TLS (RFC 8446, section 6.2). */
const CERTIFICATE_ALERT = /_ALERT_.*(CERT|_CA$)/;

/** Where what is wrong stands: what is read here does not tell who opened the connection. */
const WHERE = 'in the credential, or under "redis" in the configuration of the MCP server';

const REACHING =
	'that this machine may connect to it, and whether the port is the encrypted one, has a certificate that these settings trust, and asks for a client certificate';

/** As Redis does with one more than it may have, before or while the first command is written. */
const CLOSED_AT_ONCE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET']);

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/**
 * An error that says what is wrong and what to do, made of nothing but the message of what the client or the server
 * raised: the client's errors hold the command that failed, and with it the password of the one that logs in.
 *
 * @param timeoutMs how long commands may take.
 */
export function explain(error: unknown, timeoutMs = COMMAND_TIMEOUT_MS): StoreError {
	if (error instanceof StoreError) return error;
	const { message, code = '', lastNodeError } = (error ?? {}) as Raised;
	if (lastNodeError) return explain(lastNodeError, timeoutMs);
	const text = withoutArguments(String(message ?? error));
	if (isReply(error)) return ofReply(text, REDIS);
	return isOfSentinels(error) ? ofSentinels(text) : ofConnection(text, String(code), timeoutMs);
}

/** Whether no sentinel could be asked, or none answered. */
export const isOfSentinels = (error: unknown): boolean =>
	String((error as Raised | undefined)?.message).startsWith('All sentinels are unreachable');

/** What the client says of a command that was not answered in time. */
const isOverdue = (message: string): boolean => message === 'Command timed out';

/** Servers without a command repeat what they were given. */
const withoutArguments = (message: string): string =>
	message.replace(/,? with args beginning with:.*/s, '').replace(/\.?\s*$/, '');

/** Its client tells of the last sentinel's answer or failure in words alone. */
function ofSentinels(message: string): StoreError {
	const reason = /Last error: (.*)$/s.exec(message)?.[1] ?? message;
	if (/^(WRONGPASS|NOAUTH|NOPERM) /.test(reason)) return ofReply(reason, SENTINEL);
	if (reason.includes('No such master'))
		return new StoreError(
			'STORE_FAILED',
			'The sentinels watch no master of that name',
			`Correct Master Name ${WHERE}`,
		);
	return new StoreError(
		'STORE_UNREACHABLE',
		`No sentinel can be reached: ${reason}`,
		`Check Sentinels ${WHERE}, ${REACHING}`,
	);
}

function ofReply(message: string, { name, login }: Server): StoreError {
	const [code = ''] = message.split(' ', 1);
	const denied = (what: string, remedy: string) =>
		new StoreError('STORE_ACCESS_DENIED', `${what} (${message})`, remedy);
	switch (code) {
		case 'WRONGPASS':
			return denied(
				`${name} does not accept the user name and password`,
				`Correct ${login} ${WHERE}, and check that the user is enabled`,
			);
		case 'NOAUTH':
			return denied(`${name} asks for a password`, `Fill in ${login} ${WHERE}`);
		case 'NOPERM':
			return denied(
				`${name} does not let its user ${missingRight(message)}`,
				'Give the user the rights that docs/reliability.md lists, and check that the key prefix is one it may use',
			);
	}
	const refusal = refusalOf(message);
	if (refusal) return refusal;
	if (code === 'WRONGTYPE' || /^ERR user_(function|script):/.test(message))
		return new StoreError(
			'STORE_STATE_INVALID',
			`Redis holds something else than a state of this version of Bulwark (${message})`,
			'Reset the policy, or use a key prefix that nothing else writes to',
		);
	if (/^ERR (DB index|invalid DB)/.test(message))
		return new StoreError(
			'STORE_FAILED',
			`Redis has no database of that number (${message})`,
			`Correct the number of the database ${WHERE}, or let Redis have more of them ("databases" in its own configuration)`,
		);
	if (message.includes('The user executing the script'))
		return denied(
			'Redis does not let its user do all that a script of Bulwark does',
			'Give the user the rights that docs/reliability.md lists',
		);
	return new StoreError(
		'STORE_FAILED',
		`Redis refused a command: ${message}`,
		'Read what it says; the log of Redis may say more',
	);
}

function missingRight(message: string): string {
	const command = /'([^']+)' command/.exec(message)?.[1];
	if (command) return `run ${command.replace('|', ' ').toUpperCase()}`;
	return message.includes('channel') ? 'use the channel' : 'use the keys';
}

function ofConnection(message: string, code: string, timeoutMs: number): StoreError {
	if (CERTIFICATE_ALERT.test(code))
		return new StoreError(
			'STORE_ACCESS_DENIED',
			`Redis asks for a client certificate that it trusts: ${message} (${code})`,
			`Give a client certificate signed by the authority that Redis trusts, and its key, ${WHERE}`,
		);
	if (CERTIFICATE.test(code))
		return new StoreError(
			'STORE_ACCESS_DENIED',
			`The certificate of Redis is not trusted: ${message} (${code})`,
			`Give the certificate of the authority that signed it, and the name it bears, ${WHERE}`,
		);
	if (isOverdue(message))
		return new StoreError(
			'STORE_UNREACHABLE',
			`Redis did not answer within ${timeoutMs} ms`,
			'Check that it runs and can be reached, and how busy it and this process are',
		);
	if (CLOSED_AT_ONCE.has(code))
		return new StoreError(
			'STORE_UNREACHABLE',
			`Redis closes the connection: ${message || code}`,
			`Check that it does not have as many connections as it takes (maxclients), ${REACHING}`,
		);
	return new StoreError(
		'STORE_UNREACHABLE',
		`Redis cannot be reached: ${message || code}`,
		`Check that it runs, its address ${WHERE}, ${REACHING}`,
	);
}
