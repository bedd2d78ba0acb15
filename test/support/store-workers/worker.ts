import './shifted-clock';

import type { Admission } from '../../../core/ports';
import { openStore } from '../open-store';
import { hammer } from './hammer';
import type { Answer, Question, WorkerMethods } from './messages';
import { settings } from './settings-of-worker';

/** A process of its own that shares policies through Redis, and does what it is told over IPC. */
const opened = openStore(settings.redis);
const { store, request } = opened;

const methods: WorkerMethods = {
	hammer: (plan) => hammer(opened, plan),
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
