import { explain, isReply } from './connection/explain';
import { functionName, library, scripts, type CommandName } from './library';

/** What a command is called with and may answer. */
export type Argument = string | number;
export type Reply = number | string | null | readonly Reply[];

/** The part of an ioredis client, of one node or of a cluster, that runs commands. */
export interface ScriptingClient {
	fcall(name: string, keyCount: number, ...args: Argument[]): Promise<unknown>;
	evalsha(sha: string, keyCount: number, ...args: Argument[]): Promise<unknown>;
	eval(source: string, keyCount: number, ...args: Argument[]): Promise<unknown>;
}

/** A connection that can be waited for. */
export interface ScriptingConnection {
	readonly client: ScriptingClient;
	/** Resolves when commands can be sent. */
	ready(): Promise<void>;
	/** Gives the library of functions to all masters. */
	loadLibrary(source: string): Promise<void>;
}

/** What a server answers while it is not, or not yet, the one to ask. */
const PASSING = ['READONLY', 'LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN'];

/**
 * Runs commands as functions of a library, which it loads where the server does not know it (any more), or as scripts
 * where a server has no functions or does not let us load any. A request whose answer was lost is sent once more as
 * soon as there is a connection again: what changes something carries an id by which it counts once.
 */
export class ScriptRunner {
	private hasFunctions = true;

	constructor(private readonly connection: ScriptingConnection) {}

	/** @throws {StoreError} */
	async run(name: CommandName, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
		try {
			return await this.sendTwice(name, keys, args);
		} catch (error) {
			throw explain(error);
		}
	}

	private async sendTwice(
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		try {
			return await this.send(name, keys, args);
		} catch (error) {
			if (!isPassing(error)) throw error;
			await this.connection.ready();
			return await this.send(name, keys, args);
		}
	}

	private send(name: CommandName, keys: readonly string[], args: readonly Argument[]) {
		return this.hasFunctions
			? this.sendFunction(name, keys, args)
			: this.sendScript(name, keys, args);
	}

	private async sendFunction(
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		const { client } = this.connection;
		const call = async () =>
			(await client.fcall(functionName(name), keys.length, ...keys, ...args)) as Reply;
		try {
			return await call();
		} catch (error) {
			if (!isFunctionUnknown(error)) throw error;
		}
		try {
			await this.connection.loadLibrary(library);
			return await call();
		} catch (error) {
			if (!isRefusal(error)) throw error;
			// A node of a cluster may have become a master just now; that says nothing for the next time.
			this.hasFunctions = isReply(error) && error.message.startsWith('ERR Function not found');
			return await this.sendScript(name, keys, args);
		}
	}

	private async sendScript(
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		const { sha, source } = scripts[name];
		const { client } = this.connection;
		try {
			return (await client.evalsha(sha, keys.length, ...keys, ...args)) as Reply;
		} catch (error) {
			if (codeOf(error) !== 'NOSCRIPT') throw error;
			return (await client.eval(source, keys.length, ...keys, ...args)) as Reply;
		}
	}
}

/** The first word of what a server answered; undefined when it did not answer. */
const codeOf = (error: unknown): string | undefined =>
	isReply(error) ? error.message.split(' ', 1)[0] : undefined;

/** Servers have no code of its own for it: an unknown function, an unknown command and a forbidden one are alike. */
const isFunctionUnknown = (error: unknown): boolean =>
	codeOf(error) === 'NOPERM' ||
	(isReply(error) && /^ERR (Function not found|unknown (sub)?command)/i.test(error.message));

/** The server does not have it, or not for us. */
const isRefusal = (error: unknown): boolean => ['NOPERM', 'ERR'].includes(codeOf(error) ?? '');

const isPassing = (error: unknown): boolean => {
	const code = codeOf(error);
	return code === undefined || PASSING.includes(code);
};
