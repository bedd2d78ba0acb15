import type { RunningProcess } from '../cli/index.ts';
import type { Exit } from '../n8n/index.ts';

export type Role = 'redis' | 'postgres' | 'main' | 'webhook' | 'worker';

export type MemberState = 'starting' | 'ready' | 'not answering' | 'dead' | 'stopped';

/** How a process of the stack is. */
export interface MemberStatus {
	/** Such as `worker-2`. */
	name: string;
	role: Role;
	/** Its latest process id; undefined before there is one. */
	pid: number | undefined;
	/** Where it listens; a worker only for questions after its health. */
	port: number;
	state: MemberState;
	/** How it ended, when it is dead. */
	exit: Exit | undefined;
	logFile: string;
}

export interface MemberChange {
	member: MemberStatus;
	was: MemberState;
}

export interface MemberSetup {
	name: string;
	role: Role;
	port: number;
	logFile: string;
	/** Starts the process and resolves when it is ready. */
	launch(onSpawned: (pid: number) => Promise<void>, signal: AbortSignal): Promise<RunningProcess>;
	/** Whether it answers now. */
	answers(pid: number): Promise<boolean>;
	onSpawned(pid: number): Promise<void>;
	onChange(change: MemberChange): void;
}

/** So many questions in a row must stay without an answer: a busy process may miss one. */
const MISSES_ALLOWED = 1;

/** One process of the stack, which may be started again when it has died. */
export class Member {
	private readonly setup: MemberSetup;

	private running: RunningProcess | undefined;

	private pid: number | undefined;

	private exit: Exit | undefined;

	private state: MemberState = 'starting';

	private missed = 0;

	constructor(setup: MemberSetup) {
		this.setup = setup;
	}

	get status(): MemberStatus {
		const { name, role, port, logFile } = this.setup;
		return { name, role, port, logFile, pid: this.pid, state: this.state, exit: this.exit };
	}

	/** Starts it and resolves when it is ready. */
	async start(signal: AbortSignal): Promise<void> {
		this.missed = 0;
		this.exit = undefined;
		this.become('starting');
		const onSpawned = async (pid: number) => {
			this.pid = pid;
			await this.setup.onSpawned(pid);
		};
		try {
			this.running = await this.setup.launch(onSpawned, signal);
		} catch (error) {
			this.become('dead');
			throw error;
		}
		this.become('ready');
		void this.running.ended.then((exit) => this.ended(exit));
	}

	/** Asks it whether it is still there, and says so when that has changed. */
	async look(): Promise<void> {
		if (!this.running) return;
		const answers = await this.setup.answers(this.running.pid);
		if (this.state !== 'ready' && this.state !== 'not answering') return;
		this.missed = answers ? 0 : this.missed + 1;
		if (answers) this.become('ready');
		else if (this.missed > MISSES_ALLOWED) this.become('not answering');
	}

	/** Stops it in order. */
	async stop(): Promise<void> {
		if (!this.running) return;
		const { stop } = this.running;
		this.become('stopped');
		await stop();
	}

	/** Ends it as a crash or a lost machine would. */
	async kill(): Promise<void> {
		await this.running?.kill();
	}

	private ended(exit: Exit): void {
		this.running = undefined;
		this.exit = exit;
		if (this.state !== 'stopped') this.become('dead');
	}

	private become(state: MemberState): void {
		const was = this.state;
		this.state = state;
		if (was !== state) this.setup.onChange({ member: this.status, was });
	}
}
