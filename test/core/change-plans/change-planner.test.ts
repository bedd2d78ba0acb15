import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { FilePlanStore } from '../../../adapters/files';
import { newUuid, sha256 } from '../../../adapters/system';
import type { Principal } from '../../../core/access';
import {
	ChangePlanner,
	PLAN_LIFE_MS,
	type ChangeKind,
	type Confirm,
} from '../../../core/change-plans';
import { FakeClock } from '../../support/fake-clock';

const operator: Principal = { name: 'alice', role: 'operator', via: 'token' };
const viewer: Principal = { name: 'bob', role: 'viewer', via: 'token' };
const { signal } = new AbortController();
const yes: Confirm = () => Promise.resolve('yes');

let folder: string;
let clock: FakeClock;
let planner: ChangePlanner;

/** What there is to change, and what was done about it. */
let level: number;
let changes: number[];

const settingLevel: ChangeKind<{ readonly to: number }> = {
	name: 'set level',
	role: 'operator',
	effect: 'repairs',
	foresee: ({ to }) => {
		const steps =
			level === to
				? []
				: [{ action: to < 0 ? 'leave' : 'set', subject: 'level', reason: `it is ${level}` }];
		return Promise.resolve({ summary: `Sets the level to ${to}`, steps, state: level });
	},
	apply: ({ to }, { steps }) => {
		changes.push(to);
		level = to;
		return Promise.resolve({
			summary: 'Set',
			steps: steps.map((step) => ({ ...step, outcome: 'done' })),
		});
	},
};

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-planner-'));
	// Files have the time of the system.
	clock = new FakeClock(Date.now());
	const store = new FilePlanStore(folder, clock);
	planner = new ChangePlanner({ store, clock, newId: newUuid, sha256, kinds: [settingLevel] });
	level = 1;
	changes = [];
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

const plan = async (to = 2) => await planner.plan('set level', { to }, operator, signal);
const apply = async (id: string, { by = operator, confirm = yes } = {}) =>
	await planner.apply(id, by, confirm, signal, () => undefined);

it('does what a plan says, once', async () => {
	const { id, steps } = await plan();
	expect(steps).toEqual([{ action: 'set', subject: 'level', reason: 'it is 1' }]);
	expect(changes).toEqual([]);
	expect((await apply(id)).report.steps).toMatchObject([{ outcome: 'done' }]);
	level = 1;
	await expect(apply(id)).rejects.toMatchObject({ code: 'PLAN_USED' });
	expect(changes).toEqual([2]);
});

it('does it for one of many who ask at once', async () => {
	const { id } = await plan();
	const answers = await Promise.allSettled(Array.from({ length: 10 }, () => apply(id)));
	expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
	expect(changes).toEqual([2]);
});

it('refuses ids that nobody was given, and those that were altered', async () => {
	const { id } = await plan();
	for (const other of [
		newUuid(),
		id.slice(1),
		`${id}x`,
		id.replace(/-/g, ''),
		`../plans/${id}`,
		'',
	])
		await expect(apply(other)).rejects.toMatchObject({ code: 'PLAN_UNKNOWN' });
	expect(changes).toEqual([]);
});

it('refuses a plan that is too old, also when it grows so while its user is asked', async () => {
	const { id } = await plan();
	clock.advance(PLAN_LIFE_MS - 1);
	const slowly: Confirm = () => {
		clock.advance(1);
		return Promise.resolve('yes');
	};
	await expect(apply(id, { confirm: slowly })).rejects.toMatchObject({ code: 'PLAN_EXPIRED' });
	await expect(apply(id)).rejects.toMatchObject({ code: 'PLAN_EXPIRED' });
	expect(changes).toEqual([]);
});

it('refuses a plan when what it was made from is another by now', async () => {
	const { id } = await plan();
	level = 7;
	await expect(apply(id)).rejects.toMatchObject({ code: 'PLAN_STALE' });
	expect(changes).toEqual([]);
	// It was not used, and is good again once all is as it was.
	level = 1;
	await apply(id);
	expect(changes).toEqual([2]);
});

it.each([
	['no', 'PLAN_NOT_CONFIRMED'],
	['cannot be asked', 'PLAN_NOT_CONFIRMED'],
	['no answer', 'PLAN_EXPIRED'],
] as const)('changes nothing where the answer is: %s', async (answer, code) => {
	const { id } = await plan();
	const confirm: Confirm = () => Promise.resolve(answer);
	await expect(apply(id, { confirm })).rejects.toMatchObject({ code });
	expect(changes).toEqual([]);
});

it('asks nobody again about a plan to which somebody has said no', async () => {
	const { id } = await plan();
	const no: Confirm = () => Promise.resolve('no');
	await expect(apply(id, { confirm: no })).rejects.toMatchObject({ code: 'PLAN_NOT_CONFIRMED' });
	const confirm = jest.fn(yes);
	await expect(apply(id, { confirm })).rejects.toMatchObject({
		code: 'PLAN_USED',
		message: expect.stringContaining('declined'),
	});
	expect(confirm).not.toHaveBeenCalled();
	expect(changes).toEqual([]);
});

it('lets a plan be applied by another way where nobody could be asked', async () => {
	const { id } = await plan();
	const confirm: Confirm = () => Promise.resolve('cannot be asked');
	await expect(apply(id, { confirm })).rejects.toMatchObject({ code: 'PLAN_NOT_CONFIRMED' });
	await apply(id);
	expect(changes).toEqual([2]);
});

it('asks nobody about a plan that may not be applied', async () => {
	const asked: string[] = [];
	const confirm: Confirm = ({ id }) => {
		asked.push(id);
		return Promise.resolve('yes');
	};
	const { id } = await plan();
	await expect(apply(id, { by: viewer, confirm })).rejects.toMatchObject({
		code: 'PLAN_NOT_ALLOWED',
	});
	for (const to of [1, -1]) {
		const empty = await plan(to);
		await expect(apply(empty.id, { confirm })).rejects.toMatchObject({ code: 'PLAN_EMPTY' });
	}
	expect(asked).toEqual([]);
	expect(changes).toEqual([]);
});
