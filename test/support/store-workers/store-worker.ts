import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { bundleProgram, type ProgramFile } from '../bundle-program';
import type { Answer, MethodName, WorkerMethods, WorkerSettings } from './messages';

/** A process of its own that shares policies through Redis. */
export class StoreWorker {
	private readonly pending = new Map<
		number,
		{ resolve: (answer: unknown) => void; reject: (error: Error) => void }
	>();
	private questions = 0;

	private constructor(readonly process: ChildProcess) {
		process.on('message', (message: Answer) => this.take(message));
		process.once('exit', () => {
			for (const { reject } of this.pending.values()) reject(new Error('The worker has ended'));
			this.pending.clear();
		});
	}

	/** @returns when the worker is connected. */
	static async start(program: string, settings: WorkerSettings): Promise<StoreWorker> {
		const worker = new StoreWorker(fork(program, [JSON.stringify(settings)]));
		await new Promise((resolve, reject) => worker.pending.set(0, { resolve, reject }));
		return worker;
	}

	async ask<Method extends MethodName>(
		method: Method,
		...args: Parameters<WorkerMethods[Method]>
	): Promise<Awaited<ReturnType<WorkerMethods[Method]>>> {
		const id = ++this.questions;
		const answer = new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
		this.process.send({ id, method, args });
		return (await answer) as Awaited<ReturnType<WorkerMethods[Method]>>;
	}

	/** Stops it where it is, or ends it, without a chance to clean up. */
	async signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void> {
		const { process } = this;
		if (process.exitCode !== null || process.signalCode !== null) return;
		process.kill(signal);
		if (signal === 'SIGKILL') await once(process, 'exit');
	}

	private take(message: Answer): void {
		const asked = this.pending.get(message.id);
		this.pending.delete(message.id);
		if ('error' in message) asked?.reject(new Error(message.error));
		else asked?.resolve(message.answer);
	}
}

/** The program of all workers, bundled as the published nodes are. */
export const bundleWorker = (): Promise<ProgramFile> => bundleProgram(join(__dirname, 'worker.ts'));
