import { assess, thresholdsSchema, WorkerVerdicts } from '../../../core/health';
import { ModelledWorkers } from './worker-verdict/modelled-workers';
import type { Reading } from '../../../core/stack';
import type { DatedLintReport, StackLook } from '../../../core/health';

const missing = (source: 'database' | 'redis' | 'queue', why: string) =>
	({ isKnown: false, source, why, remedy: 'Set it' }) as const;

const known = <T>(value: T): Reading<T> => ({ isKnown: true, value });

const soundSettings: DatedLintReport = {
	at: 0,
	mode: 'queue',
	findings: [],
	passed: [],
	unknown: [],
};

/** What is judged of one look at idle workers, with some of its readings replaced. */
function judged(changed: Partial<StackLook>, thresholds = {}) {
	const model = new ModelledWorkers(() => true, 'their own');
	model.start(1);
	model.run(5_000);
	const look: StackLook = {
		...model.look(),
		counts: known([]),
		redis: known([]),
		unfinished: known({ new: 0, running: 0, waiting: 0 }),
		rates: known({ windowMs: 60_000, created: 100, finished: 100, failed: 0, crashed: 0 }),
		database: missing('database', 'not configured'),
		...changed,
	};
	const workers = new WorkerVerdicts().observe(look);
	const observation = { look, workers, queues: [], loads: [] };
	return assess(observation, known([]), soundSettings, thresholdsSchema.parse(thresholds));
}

const rates = (failed: number) =>
	known({ windowMs: 60_000, created: 100, finished: 100, failed, crashed: 0 });

it('calls a stack healthy in which nothing is wrong, and says what is not known', () => {
	const { status, findings, unknowns } = judged({});
	expect(findings).toEqual([]);
	expect(status).toBe('healthy');
	expect(unknowns).toEqual([
		expect.objectContaining({ source: 'database', why: 'not configured' }),
	]);
});

it.each([
	[0, 'healthy'],
	[1, 'degraded'],
	[5, 'unhealthy'],
])('goes by the thresholds of the error rate: %d %% is %s', (failed, status) => {
	expect(judged({ rates: rates(failed) }).status).toBe(status);
});

it('lets thresholds be set', () => {
	const thresholds = { errorRate: { warning: 0.1, critical: 0.2 } };
	expect(judged({ rates: rates(5) }, thresholds).status).toBe('healthy');
});

it('takes a source that is configured and says nothing for trouble, and names what follows', () => {
	const { status, findings } = judged({ clients: missing('redis', 'connection refused') });
	expect(status).toBe('unhealthy');
	expect(findings[0]).toMatchObject({
		id: 'redis-unavailable',
		severity: 'critical',
		summary: expect.stringContaining('whether workers still ask for jobs'),
		evidence: [{ source: 'redis', says: 'connection refused' }],
	});
});

it('puts the worst first', () => {
	const { findings } = judged({ rates: rates(2), instances: known([]), statuses: known([]) });
	expect(findings.map(({ severity }) => severity)).toEqual(['critical', 'warning']);
});
