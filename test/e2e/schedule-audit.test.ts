import fc from 'fast-check';
import assert from 'node:assert/strict';

import { cronTimes } from '../../adapters/cron';
import { sha256 } from '../../adapters/system';
import { auditWorkflow, type WorkflowAudit } from '../../core/health/schedule-audit';
import { realScheduleTrigger, type RunSchedule } from '../support/real-schedule-trigger';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const times = cronTimes();

const share = fc.double({ min: 0, max: 1, noNaN: true });
const number = (min: number, max: number) => fc.option(fc.integer({ min, max }), { freq: 3 });
const clockTime = { triggerAtHour: number(0, 23), triggerAtMinute: number(0, 59) };

/** A rule as it may be saved, fields left out or not, and for how long it is watched. */
const watched = (
	spanMs: number,
	...rules: ReadonlyArray<{ field: string } & Record<string, unknown>>
) =>
	fc
		.tuple(
			...rules.map((fields) =>
				fc.record(
					Object.fromEntries(
						Object.entries(fields).map(([name, value]) => [
							name,
							typeof value === 'string' ? fc.constant(value) : (value as fc.Arbitrary<unknown>),
						]),
					),
				),
			),
		)
		.map((made) => ({
			spanMs,
			interval: made.map((rule) =>
				Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null)),
			),
		}));

const schedule = fc.oneof(
	watched(2 * MINUTE_MS, { field: 'seconds', secondsInterval: number(1, 59) }),
	watched(3 * HOUR_MS, { field: 'minutes', minutesInterval: number(1, 59) }),
	watched(3 * DAY_MS, {
		...{ field: 'hours', hoursInterval: number(1, 23), triggerAtMinute: number(0, 59) },
	}),
	watched(50 * DAY_MS, { field: 'days', daysInterval: number(1, 31), ...clockTime }),
	watched(90 * DAY_MS, {
		...{ field: 'weeks', weeksInterval: number(1, 6), ...clockTime },
		triggerAtDay: fc.option(fc.uniqueArray(fc.nat({ max: 6 }))),
	}),
	watched(700 * DAY_MS, {
		...{ field: 'months', monthsInterval: number(1, 14), ...clockTime },
		triggerAtDayOfMonth: number(1, 31),
	}),
	watched(DAY_MS, {
		field: 'cronExpression',
		expression: fc.constantFrom('15 2,3 * * *', '*/20 * * * *', '30 0 */6 * * *'),
	}),
	watched(
		2 * DAY_MS,
		{ field: 'hours', triggerAtMinute: number(0, 59) },
		{ field: 'days', triggerAtHour: number(0, 23) },
	),
);

/** Around changes of clocks and the end of a year, and anywhere. */
const moment = fc.oneof(
	fc.constantFrom(
		...['2026-03-29', '2026-10-25', '2026-03-08', '2026-11-01', '2026-04-05', '2026-12-31'].map(
			(day) => Date.parse(day),
		),
	),
	fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2027, 0) }),
);

const history = fc.record({
	schedule,
	moment,
	/** How much of the span is before that moment. */
	before: share,
	timezone: fc.constantFrom(
		...['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'],
	),
	typeVersion: fc.constantFrom(1.2, 1.3, 1.4),
	id: fc.uuid(),
	/** While n8n is stopped. */
	stopped: fc
		.tuple(share, share)
		.map(([one, other]) => [Math.min(one, other), Math.max(one, other)]),
	/** Of the span, for how long rows are kept. */
	kept: share,
});

let runSchedule: RunSchedule;
beforeAll(async () => {
	runSchedule = await realScheduleTrigger();
});

it("knows when n8n's own Schedule Trigger fires, and what it has missed", async () => {
	const seen = { fires: 0, missed: 0 };
	await fc.assert(
		fc.asyncProperty(history, async ({ timezone, typeVersion, id, ...given }) => {
			const { spanMs, interval } = given.schedule;
			const from = given.moment - Math.round(given.before * spanMs);
			const to = from + spanMs;
			const node = { id, typeVersion, parameters: { rule: { interval } } };
			const [stoppedFrom, stoppedTo] = given.stopped.map((part) => from + part * spanMs);
			const isStopped = (at: number) => at > stoppedFrom! && at <= stoppedTo!;
			const isJudged =
				({ from: first, to: last }: WorkflowAudit) =>
				(at: number) =>
					at >= first && at <= last;

			const audit = async (fires: readonly number[], keptMs: number) =>
				await auditWorkflow(
					{
						...{ id: 'w', name: 'w', isActive: true, tags: [], settings: {} },
						...{ updatedAt: from, publishedAt: from },
						nodes: [
							{ ...node, name: 'S', type: 'n8n-nodes-base.scheduleTrigger', isDisabled: false },
						],
					},
					{
						...{ now: to, windowMs: spanMs, lateAfterMs: 5_000, timezone, keptMs },
						...{ keepsSuccesses: true, keepsFailures: true, times, sha256 },
						triggeredAt: async (_, since) => ({
							at: fires.filter((at) => at >= Math.max(since, to - keptMs)),
							isWhole: true,
						}),
					},
				);

			const run = await runSchedule('w', node, timezone, { from, to });
			const all = await run.firesWhenAsked(run.asked);
			const whole = await audit(all, Infinity);
			assert.deepEqual(whole.cannotTell, []);
			const fired = all.filter(isJudged(whole)).length;
			assert.deepEqual(whole.fires, { fired, late: [], missed: [], doubled: [] });
			seen.fires += fired;

			const fires = await run.firesWhenAsked(run.asked.filter((at) => !isStopped(at)));
			const interrupted = await audit(fires, Infinity);
			const { missed, doubled, late } = interrupted.fires;
			assert.deepEqual([doubled, late], [[], []]);
			assert.deepEqual(
				missed.filter((at) => !isStopped(at)),
				[],
			);
			const firstOfAll = all.find((at) => isStopped(at));
			const hasBegun = fires.some((at) => at > from + MINUTE_MS && at < (firstOfAll ?? 0));
			if (hasBegun && isJudged(interrupted)(firstOfAll!)) assert.equal(missed[0], firstOfAll);
			seen.missed += missed.length;

			// What n8n remembers of a fire whose row is gone is not known.
			const lessKnown = await audit(fires, given.kept * spanMs);
			assert.deepEqual(
				lessKnown.fires.missed.filter((at) => !isStopped(at)),
				[],
			);
		}),
		{ numRuns: 30 },
	);
	expect(seen.fires).toBeGreaterThan(100);
	expect(seen.missed).toBeGreaterThan(10);
});
