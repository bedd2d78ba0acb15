import fc from 'fast-check';
import assert from 'node:assert/strict';

import { cronTimes } from '../../../../adapters/cron';
import { sha256 } from '../../../../adapters/system';
import { auditWorkflow, type AuditOptions } from '../../../../core/health/schedule-audit';
import type { WorkflowNode, WorkflowRecord } from '../../../../core/ports/stack';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2026, 10, 22, 5, 30, 30);
const times = cronTimes();

const schedule = (interval: ReadonlyArray<Record<string, unknown>>): WorkflowNode => ({
	id: 'node',
	name: 'Schedule',
	type: 'n8n-nodes-base.scheduleTrigger',
	isDisabled: false,
	parameters: { rule: { interval } },
});

const workflow = (
	nodes: readonly WorkflowNode[],
	changed: Partial<WorkflowRecord> = {},
): WorkflowRecord => ({
	...{ id: 'w', name: 'Report', isActive: true, tags: [], updatedAt: 0, nodes },
	settings: {},
	...changed,
});

const optionsFor = (fires: readonly number[], changed: Partial<AuditOptions> = {}) => ({
	now: NOW,
	windowMs: DAY_MS,
	lateAfterMs: 60_000,
	timezone: 'Europe/Berlin',
	keptMs: Infinity,
	keepsSuccesses: true,
	keepsFailures: true,
	times,
	sha256,
	triggeredAt: async (_id: string, since: number) => ({
		at: fires.filter((at) => at >= since),
		isWhole: true,
	}),
	...changed,
});

const audit = async (
	record: WorkflowRecord,
	fires: readonly number[],
	changed?: Partial<AuditOptions>,
) => await auditWorkflow(record, optionsFor(fires, changed));

const firesOf = (expression: string, timezone: string, from: number, to = NOW) =>
	times.within(expression, timezone, { from, to }, 100_000);

const every = fc.constantFrom('*/30 * * * *', '30 5 * * * *', '0 3 * * *', '15 2,3 * * *');
const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC');
/** Into both changes of clocks, and elsewhere. */
const moment = fc.constantFrom(
	NOW,
	Date.UTC(2026, 2, 29, 12),
	Date.UTC(2026, 9, 25, 12),
	Date.UTC(2026, 2, 8, 18),
	Date.UTC(2026, 10, 1, 18),
);

it('names each fire that was left out or came twice, and no other', async () => {
	await fc.assert(
		fc.asyncProperty(
			every,
			zone,
			moment,
			fc.array(fc.nat({ max: 999 }), { maxLength: 5 }),
			fc.nat({ max: 999 }),
			async (expression, timezone, now, leftOut, twice) => {
				const due = firesOf(expression, timezone, now - DAY_MS, now - 60_000);
				const missed = new Set(leftOut.map((place) => due[place % due.length]));
				// The first is not judged for that, nor one after another that was missed.
				const place = 1 + (twice % Math.max(1, due.length - 1));
				const doubled =
					missed.has(due[place]) || missed.has(due[place - 1]) ? undefined : due[place];
				const actual = due
					.filter((at) => !missed.has(at))
					.flatMap((at) => (at === doubled ? [at + 50, at + 80] : [at + 50]));
				const record = workflow([schedule([{ field: 'cronExpression', expression }])]);
				const { fires, expected } = await audit(record, actual, { now, timezone });
				assert.equal(expected, due.length);
				assert.deepEqual(
					fires.missed,
					due.filter((at) => missed.has(at)),
				);
				assert.deepEqual(
					fires.doubled.map(({ at }) => at),
					doubled === undefined ? [] : [doubled],
				);
			},
		),
		{ numRuns: 60 },
	);
});

it('knows when a schedule without a second fires, to the minute', async () => {
	const record = workflow([schedule([{ field: 'minutes', minutesInterval: 10 }])]);
	const second = 7_000;
	const fires = firesOf('*/10 * * * *', 'Europe/Berlin', NOW - DAY_MS).map((at) => at + second);
	expect(await audit(record, fires)).toMatchObject({ verdict: 'as expected' });
	expect(await audit(record, fires.slice(0, -3))).toMatchObject({ verdict: 'missed' });
});

describe('a schedule that skips times by what n8n remembers', () => {
	const record = workflow([schedule([{ field: 'days', daysInterval: 3, triggerAtHour: 4 }])]);
	const at = (day: number) => Date.UTC(2026, 10, day, 3, 0, 30);
	const during = { windowMs: 14 * DAY_MS };

	it('goes by its last fire', async () => {
		expect(await audit(record, [at(9), at(12), at(15), at(18), at(21)], during)).toMatchObject({
			verdict: 'as expected',
			expected: 5,
		});
		const { fires, verdict } = await audit(record, [at(9), at(12), at(18), at(21)], during);
		expect(verdict).toBe('missed');
		expect(fires.missed).toHaveLength(1);
	});

	it('knows that n8n skips the hour of its last fire, a day later', async () => {
		const sixHourly = workflow([schedule([{ field: 'hours', hoursInterval: 6 }])]);
		const hour = (day: number, of: number) => Date.UTC(2026, 10, day, of, 0, 30);
		const fired = [hour(19, 12), hour(19, 18), hour(21, 0), hour(21, 6), hour(21, 12)];
		const { fires } = await audit(sixHourly, fired, {
			...{ windowMs: 3 * DAY_MS, timezone: 'UTC', now: hour(21, 13) },
		});
		expect(fires.missed.map((at) => new Date(at).getUTCHours())).toEqual([0, 6, 12]);
	});

	it('must have fired at least once in a longer time', async () => {
		expect(await audit(record, [], during)).toMatchObject({ verdict: 'missed' });
		expect(await audit(record, [], { windowMs: DAY_MS, now: NOW })).not.toMatchObject({
			fires: { missed: [expect.any(Number), expect.any(Number)] },
		});
		const published = { ...record, publishedAt: NOW - 2 * DAY_MS };
		expect(await audit(published, [], during)).toMatchObject({ fires: { missed: [] } });
	});
});

it.each<[string, WorkflowRecord, Partial<AuditOptions>]>([
	['an expression', workflow([schedule([{ field: '={{ $vars.unit }}' }])]), {}],
	['no cron', workflow([schedule([{ field: 'cronExpression', expression: '61 * * * *' }])]), {}],
	['not known', workflow([schedule([{ field: 'days' }])]), { timezone: undefined }],
	[
		'there is no timezone "Mars/Olympus"',
		workflow([schedule([{}])], { settings: { timezone: 'Mars/Olympus' } }),
		{ timezone: undefined },
	],
	['"Mars/Olympus"', workflow([schedule([{}])], { settings: { timezone: 'Mars/Olympus' } }), {}],
	['"Mars/Olympus"', workflow([schedule([{}])]), { timezone: 'Mars/Olympus' }],
	['not kept', workflow([schedule([{}])]), { keepsSuccesses: false }],
	['not kept', workflow([schedule([{}])], { settings: { saveDataSuccessExecution: 'none' } }), {}],
	['SAVE_ON_SUCCESS', workflow([schedule([{}])]), { keepsSuccesses: undefined }],
	['that fail are not kept', workflow([schedule([{}])]), { keepsFailures: false }],
	[
		'that fail are not kept',
		workflow([schedule([{}])], { settings: { saveDataErrorExecution: 'none' } }),
		{},
	],
	[
		'that fail are not kept',
		workflow([schedule([{}])], { settings: { saveDataErrorExecution: 'DEFAULT' } }),
		{ keepsFailures: false },
	],
	['SAVE_ON_ERROR', workflow([schedule([{}])]), { keepsFailures: undefined }],
	['MAX_AGE', workflow([schedule([{}])]), { keptMs: undefined }],
	[
		'look the same',
		workflow([schedule([{}]), { ...schedule([]), type: 'n8n-nodes-base.gmailTrigger' }]),
		{},
	],
	['Interval node', workflow([{ ...schedule([]), type: 'n8n-nodes-base.interval' }]), {}],
	[
		'several rules',
		workflow([schedule([{ field: 'days', daysInterval: 2 }, { field: 'days' }])]),
		{},
	],
])('calls nothing missed where it cannot tell: %s', async (because, record, changed) => {
	const { verdict, fires, cannotTell } = await audit(record, [], changed);
	expect({ verdict, missed: fires.missed }).toEqual({ verdict: 'cannot tell', missed: [] });
	expect(because === 'no cron' ? cannotTell[0] : cannotTell.join()).toContain(
		because === 'no cron' ? '61 * * * *' : because,
	);
});

it("goes by a workflow's own word on what is kept before n8n's", async () => {
	const settings = { saveDataSuccessExecution: 'all', saveDataErrorExecution: 'all' };
	const record = workflow([schedule([{}])], { settings });
	const changed = { keepsSuccesses: undefined, keepsFailures: false };
	expect(await audit(record, [], changed)).toMatchObject({ verdict: 'missed', cannotTell: [] });
});

it('looks no further back than to when it was published, or than rows are kept', async () => {
	const hourly = schedule([{ field: 'hours' }]);
	const publishedAt = NOW - 3 * HOUR_MS - 60_000;
	expect(await audit(workflow([hourly], { publishedAt }), [])).toMatchObject({ expected: 3 });
	expect(await audit(workflow([hourly]), [], { keptMs: 5 * HOUR_MS })).toMatchObject({
		expected: 5,
	});
});

it('looks at the last of very many', async () => {
	const record = workflow([schedule([{ field: 'seconds', secondsInterval: 1 }])]);
	const { from, to, expected } = await audit(record, firesOf('* * * * * *', 'UTC', NOW - HOUR_MS));
	expect(expected).toBeLessThanOrEqual(2_001);
	expect(from).toBeGreaterThan(NOW - DAY_MS);
	expect(to).toBe(NOW - 60_000);
});

it('expects each of two triggers that are due together', async () => {
	const two = [schedule([{ field: 'hours' }]), { ...schedule([{ field: 'hours' }]), id: 'other' }];
	const due = firesOf('0 * * * *', 'UTC', NOW - DAY_MS);
	const fires = due.flatMap((at) => [at + 20_000, at + 40_000]);
	expect(await audit(workflow(two), fires)).toMatchObject({ verdict: 'as expected', expected: 48 });
	expect(await audit(workflow(two), due)).toMatchObject({ verdict: 'missed' });
});

it("knows n8n's old Cron node, which chooses a second by chance", async () => {
	const node = {
		...schedule([]),
		type: 'n8n-nodes-base.cron',
		parameters: { triggerTimes: { item: [{ mode: 'everyX', value: 2, unit: 'hours' }] } },
	};
	const fires = firesOf('0 */2 * * *', 'Europe/Berlin', NOW - DAY_MS).map((at) => at + 1_234_567);
	expect(await audit(workflow([node]), fires)).toMatchObject({ verdict: 'as expected' });
	expect(await audit(workflow([node]), fires.slice(2, -1))).toMatchObject({ verdict: 'missed' });
});
