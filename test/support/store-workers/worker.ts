import './shifted-clock';

import { setTimeout as sleep } from 'node:timers/promises';

import { systemClock } from '../../../adapters/system';
import { LeaseKeeper } from '../../../core/pipeline';
import type { Admission, Run } from '../../../core/ports';
import { beginRequest, RunOnce } from '../../../core/run-once';
import { openStore } from '../open-store';
import { hammer, sharedNow } from './hammer';
import { leasedCalls } from './leased-calls';
import type { Answer, Question, WorkerMethods } from './messages';
import { settings } from './settings-of-worker';

/** A process of its own that shares policies through Redis, and does what it is told over IPC. */
const opened = openStore(settings.redis);
const { store, runs, newId, request } = opened;

const kept = new Map<string, () => void>();

/** As a step does for the items that are on their way. */
function keep(run: Run, leaseMs: number): void {
	const leases = new LeaseKeeper<Run>(runs, systemClock, leaseMs);
	leases.keep(run);
	kept.set(run.id, () => leases.release(run));
}

const methods: WorkerMethods = {
	hammer: (plan) => hammer(opened, plan),
	useLeases(policies, durationMs) {
		const endsAt = sharedNow() + durationMs;
		const { clockAheadMs } = settings;
		return leasedCalls(opened, { policies, isOver: () => sharedNow() > endsAt, clockAheadMs });
	},
	async admit(policy, count, leaseMs) {
		const admissions: Admission[] = [];
		while (admissions.length < count && admissions.every(({ status }) => status === 'granted'))
			admissions.push(await store.admit(request([policy], leaseMs)));
		return admissions;
	},
	settle: (permit, outcome) => store.settle(permit, outcome),
	extend: (permit, leaseMs) => store.extend(permit, leaseMs),
	async figure(kind, name, figureName) {
		const snapshot = await store.inspect({ kind, name, key: '' });
		return snapshot?.figures[figureName] ?? 0;
	},
	now: () => Promise.resolve(Date.now()),
	async beginRun(policy, key, leaseMs) {
		const answer = await runs.begin(beginRequest(policy, key, newId(), leaseMs));
		if (answer.status === 'started') keep(answer.run, leaseMs);
		return answer;
	},
	async endRun(run, end) {
		kept.get(run.id)?.();
		return await runs.end(run, end);
	},
	async runAll(policy, keys, leaseMs) {
		const leases = new LeaseKeeper<Run>(runs, systemClock, leaseMs);
		const once = new RunOnce(policy, { runs, clock: systemClock, leases, newRunId: newId });
		const done: string[] = [];
		const work = async (key: string): Promise<string> => {
			done.push(key);
			await sleep(5);
			return `${key} by ${process.pid}`;
		};
		const outcomes = await Promise.all(keys.map((key) => once.execute(() => work(key), { key })));
		return { outcomes, done };
	},
};

async function answerTo({ id, method, args }: Question): Promise<Answer> {
	try {
		const answer = await (methods[method] as (...given: readonly unknown[]) => unknown)(...args);
		return { id, answer };
	} catch (error) {
		return { id, error: error instanceof Error ? error.message : String(error) };
	}
}

process.on('message', (question: Question) => {
	void answerTo(question).then((answer) => process.send!(answer));
});
process.on('disconnect', () => process.exit());

void opened.connection.ready().then(() => process.send!({ id: 0, answer: 'ready' }));
