import { explain, isReply } from './connection/explain';
import { functionNames, library, scripts, type CommandName } from './library';

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
	/** How often it was closed on purpose. */
	readonly closings?: number;
	/** Told when an answer is overdue. */
	giveUp?(): void;
}

/** What a server answers while it is not, or not yet, the one to ask. */
const PASSING = ['READONLY', 'LOADING', 'MASTERDOWN', 'CLUSTERDOWN', 'TRYAGAIN'];

/**
 * Runs commands as functions of a library, which it loads where the server does not know it (any more), or as scripts
 * where a server has no functions or does not let us load any. A request whose answer was lost is sent once more as
 * soon as there is a connection again: what changes something carries an id by which it counts once. Where the connection
 * was closed on purpose meanwhile it is not.
 */
export class ScriptRunner {
	private hasFunctions = true;

	constructor(private readonly connection: ScriptingConnection) {}

	/** @throws {StoreError} */
	run(name: CommandName, keys: readonly string[], args: readonly Argument[]): Promise<Reply> {
		const { closings } = this.connection;
		const again = (error: unknown) => {
			if (this.connection.closings !== closings) throw explain(error);
			return this.sendAgain(error, name, keys, args);
		};
		if (!this.hasFunctions) return this.sendScript(name, keys, args).catch(again);
		// Nothing but this stands between most calls and their answers.
		return this.callFunction(name, keys, args).catch((error: unknown) =>
			isFunctionUnknown(error) ? this.provideFunction(name, keys, args).catch(again) : again(error),
		);
	}

	private async sendAgain(
		error: unknown,
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		if (!isPassing(error)) throw explain(error);
		if (isOverdue(error)) this.connection.giveUp?.();
		try {
			await this.connection.ready();
			return await this.send(name, keys, args);
		} catch (last) {
			throw explain(last);
		}
	}

	private async send(
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		if (!this.hasFunctions) return await this.sendScript(name, keys, args);
		try {
			return await this.callFunction(name, keys, args);
		} catch (error) {
			if (!isFunctionUnknown(error)) throw error;
			return await this.provideFunction(name, keys, args);
		}
	}

	private callFunction(
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		const { client } = this.connection;
		return client.fcall(functionNames[name], keys.length, ...keys, ...args) as Promise<Reply>;
	}

	/** Gives the server the library and calls the function; else runs the command as a script. */
	private async provideFunction(
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		try {
			await this.connection.loadLibrary(library);
			return await this.callFunction(name, keys, args);
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

const isOverdue = (error: unknown): boolean =>
	error instanceof Error && error.message === 'Command timed out';

const isPassing = (error: unknown): boolean => {
	const code = codeOf(error);
	return code === undefined || PASSING.includes(code);
};
