import { delay } from '../n8n/index.ts';
import type { Member, MemberChange, MemberStatus, Role } from './member.ts';

/** Between two looks after the processes' health. */
const LOOK_EVERY_MS = 2000;
/** Before a process that has died is started again. */
const RESTART_AFTER_MS = 1000;
/** Without one of these there is no stack. */
const VITAL: readonly Role[] = ['redis', 'postgres', 'main'];
/** Those of one line are stopped together: workers first end what they run, which needs all others. */
const STOP_ORDER: ReadonlyArray<readonly Role[]> = [
	['worker'],
	['webhook', 'main'],
	['postgres', 'redis'],
];

/** What to do about a process that has died and that the others can live without. */
export type WhenDead = 'report' | 'restart';

/** Starts processes, watches them and stops them in order. */
export class Supervisor {
	/** Resolves with the first vital process that ends by itself. */
	readonly broken: Promise<MemberStatus>;

	/** Told of every change of a process that nobody asked for, and of every start. */
	private readonly tell: (change: MemberChange) => void;

	private readonly whenDead: WhenDead;

	private readonly members: Member[] = [];

	private readonly stopping = new AbortController();

	/** What runs in the background and ends when all is stopped. */
	private readonly work = new Set<Promise<unknown>>();

	private stopped: Promise<void> | undefined;

	private onBroken: (member: MemberStatus) => void = () => undefined;

	constructor(whenDead: WhenDead, tell: (change: MemberChange) => void) {
		this.whenDead = whenDead;
		this.tell = tell;
		this.broken = new Promise((resolve) => (this.onBroken = resolve));
		this.inBackground(this.watch());
	}

	/** Fires when all is to stop. */
	get signal(): AbortSignal {
		return this.stopping.signal;
	}

	get statuses(): MemberStatus[] {
		return this.members.map(({ status }) => status);
	}

	find(name: string): Member | undefined {
		return this.members.find(({ status }) => status.name === name);
	}

	/** Starts processes together; resolves when all are ready. */
	async start(...members: readonly Member[]): Promise<void> {
		this.signal.throwIfAborted();
		this.members.push(...members);
		const starts = members.map(async (member) => await member.start(this.signal));
		this.inBackground(Promise.allSettled(starts));
		await Promise.all(starts);
	}

	/** For each member to report its changes to. */
	readonly onChange = (change: MemberChange): void => {
		if (this.signal.aborted) return;
		this.tell(change);
		const { member, was } = change;
		if (member.state !== 'dead' || was === 'starting') return;
		if (VITAL.includes(member.role)) this.onBroken(member);
		else if (this.whenDead === 'restart') this.inBackground(this.restart(member.name));
	};

	/** Stops everything, also what is still starting. Nothing is left when it resolves. */
	async stop(): Promise<void> {
		this.stopped ??= this.stopInOrder();
		await this.stopped;
	}

	private async stopInOrder(): Promise<void> {
		this.stopping.abort(new Error('The stack was stopped.'));
		await Promise.allSettled(this.work);
		for (const roles of STOP_ORDER) {
			const members = this.members.filter(({ status }) => roles.includes(status.role));
			await Promise.all(members.map(async (member) => await member.stop()));
		}
	}

	private async restart(name: string): Promise<void> {
		const member = this.find(name);
		for (;;) {
			await delay(RESTART_AFTER_MS, this.signal);
			try {
				await member?.start(this.signal);
				return;
			} catch {
				// It has said that it is dead; the next one may live.
			}
		}
	}

	private async watch(): Promise<void> {
		for (;;) {
			await delay(LOOK_EVERY_MS, this.signal);
			await Promise.all(this.members.map(async (member) => await member.look()));
		}
	}

	/** Whoever starts it hears of its failure; here only its end counts. */
	private inBackground(work: Promise<unknown>): void {
		const settled = work.catch(() => undefined).finally(() => this.work.delete(settled));
		this.work.add(settled);
	}
}
