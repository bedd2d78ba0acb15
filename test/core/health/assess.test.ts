import { assess, stackClocks, thresholdsSchema, WorkerVerdicts } from '../../../core/health';
import { ModelledWorkers } from './worker-verdict/modelled-workers';
import type { DatabaseStatistics, InstanceEntry, QueuedJob } from '../../../core/ports/stack';
import { valueOf, type Reading } from '../../../core/stack';
import type { DatedLintReport, LostSeen, StackLook } from '../../../core/health';

const missing = (source: 'database' | 'redis' | 'queue', why: string) =>
	({ isKnown: false, source, why, remedy: 'Set it' }) as const;

const known = <T>(value: T): Reading<T> => ({ isKnown: true, value });

const NO_POLICIES = { states: [], unread: [], unseen: 0, areKeysFound: true };

const soundSettings: DatedLintReport = {
	at: 0,
	mode: 'queue',
	findings: [],
	passed: [],
	unknown: [],
};

/** A look at idle workers, with some of its readings replaced. */
function lookWith(changed: Partial<StackLook>): StackLook {
	const model = new ModelledWorkers(() => true, 'their own');
	model.start(1);
	model.run(5_000);
	return {
		...model.look(),
		counts: known([]),
		redis: known([]),
		unfinished: known({ new: 0, running: 0, waiting: 0 }),
		rates: known({ windowMs: 60_000, created: 100, finished: 100, failed: 0, crashed: 0 }),
		database: missing('database', 'not configured'),
		...changed,
	};
}

/** What is judged of it. */
function judged(
	changed: Partial<StackLook>,
	thresholds = {},
	lost?: LostSeen,
	verdicts = new WorkerVerdicts(),
) {
	const look = lookWith(changed);
	const workers = verdicts.observe(look);
	const clocks = stackClocks(look, valueOf(look.instances) ?? [], 'queue');
	const observation = { look, workers, queues: [], loads: [], clocks, replacedRedis: [] };
	return assess(
		observation,
		known(NO_POLICIES),
		soundSettings,
		thresholdsSchema.parse(thresholds),
		lost,
	);
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

it('says that a database is a replica, which may show what is not so any more', () => {
	const database: DatabaseStatistics = {
		...{ type: 'postgres', version: '16', sizeBytes: 1, roundTripMs: 1, tables: [] },
	};
	const found = (isReplica: boolean) => judged({ database: known({ ...database, isReplica }) });
	expect(found(false).findings).toEqual([]);
	expect(found(true).findings).toMatchObject([
		{ id: 'database-is-replica', severity: 'critical', component: 'database' },
	]);
});

it('does not call main healthy where only workers are asked', () => {
	const worker = {
		url: 'http://worker',
		type: 'worker',
		isReady: true,
		hasMetrics: false,
	} as const;
	const ofMain = (processes: StackLook['processes']) =>
		judged({ processes }).components.find(({ component }) => component === 'n8n')?.status;
	expect(ofMain(known([worker]))).toBe('unknown');
	expect(ofMain(known([worker, { ...worker, type: 'main' }]))).toBe('healthy');
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

it('tells main from workers where it says what to do about one that computes', () => {
	const lags = (type: 'main' | 'worker') => {
		const one = { url: 'http://n8n', type, isReady: true, hasMetrics: true };
		const processes = known([{ ...one, eventLoopLagP99Ms: 5_000 }]);
		return judged({ processes }).findings.find(({ id }) => id === 'event-loop')?.remedy;
	};
	expect(lags('main')).toMatch('move it to workers');
	expect(lags('worker')).not.toMatch('move it to workers');
});

it('says which worker is behind a health check, where it is known by when its process began', () => {
	const model = new ModelledWorkers(() => true, 'their own');
	const verdicts = new WorkerVerdicts();
	const workers = [model.start(1), model.start(1)];
	model.run(10_000);
	workers.push(model.start(1));
	const summaries = (isReached: boolean, later = 0) => {
		model.run(5_000);
		const processes = workers.map(({ startedAt }, index) => {
			const process = { url: `http://check-${index}`, type: 'worker' } as const;
			const wellFrom = { isReady: later === 0, hasMetrics: true, startedAt: startedAt + later };
			return isReached ? { ...process, ...wellFrom } : { ...process, unreachable: 'ECONNREFUSED' };
		});
		const look = { ...model.look(), processes: known(processes) };
		return judged(look, {}, undefined, verdicts).findings.map(({ summary }) => summary);
	};
	summaries(true);
	// Who began at once cannot be told apart.
	expect(summaries(false).sort()).toEqual([
		"n8n's worker process at http://check-0 is not reached",
		"n8n's worker process at http://check-1 is not reached",
		`n8n's worker process at http://check-2 (${workers[2]!.lockOwner}) is not reached`,
	]);
	// Processes that nobody has heard of have come in their places.
	expect(summaries(true, 60_000)).toContain("n8n's worker process at http://check-2 is not ready");
});

it('does not call for a worker that has ended once another has come in its place', () => {
	const model = new ModelledWorkers(() => true, 'their own');
	const verdicts = new WorkerVerdicts();
	const [, victim] = [model.start(1), model.start(1)];
	const after = (looks: number) => {
		let health = judged({});
		for (let look = 0; look < looks; look++) {
			model.run(5_000);
			health = judged(model.look(), {}, undefined, verdicts);
		}
		const found = health.findings.filter(({ id }) => id === 'worker-vanished');
		return found.map(({ severity, remedy }) => [severity, remedy.includes('start it again')]);
	};
	after(4);
	model.fail(victim, 'killed');
	expect(after(6)).toEqual([['critical', true]]);
	model.start(1);
	expect(after(2)).toEqual([['warning', false]]);
});

it('puts the worst first', () => {
	const { findings } = judged({ rates: rates(2), instances: known([]), statuses: known([]) });
	expect(findings.map(({ severity }) => severity)).toEqual(['critical', 'warning']);
});

describe('a main process that is not reached', () => {
	const url = 'http://127.0.0.1:5678';
	const main = { url, type: 'main', unreachable: 'connect ECONNREFUSED' } as const;

	it('is trouble where it must be', () => {
		const { status, findings } = judged({ processes: known([main]) });
		expect(status).toBe('unhealthy');
		expect(findings).toMatchObject([{ id: 'main-unreachable', severity: 'critical' }]);
	});

	it('is not known where nobody said where it is', () => {
		const processes = known([{ ...main, mayBeElsewhere: true } as const]);
		const { status, findings, unknowns, components } = judged({
			...{ processes, instances: known([]) },
		});
		expect(findings.filter(({ component }) => component === 'n8n')).toEqual([]);
		expect(components).toContainEqual({ component: 'n8n', status: 'unknown' });
		expect(status).toBe('unknown');
		expect(unknowns).toContainEqual({
			source: 'n8n metrics',
			why: expect.stringMatching(/^nothing of n8n is at http:\/\/127.0.0.1:5678 .*n8n\.url/),
			remedy: expect.stringContaining('n8n.url'),
			notKnown: [expect.stringContaining('main process')],
		});
	});

	it('is not missed where it has signed on', () => {
		const processes = known([{ ...main, mayBeElsewhere: true } as const]);
		expect(judged({ processes })).toMatchObject({ status: 'healthy', findings: [] });
	});
});

describe('clocks', () => {
	const clock = (aheadMs: number, withinMs = 100) => ({ aheadMs, withinMs });
	const main = (own: ReturnType<typeof clock>): InstanceEntry => ({
		...{ instanceKey: 'a', hostId: 'main-host', type: 'main', isLeader: true, version: '2.41.1' },
		...{ pool: '', registeredAt: 0, lastSeenAt: 0, clock: own },
	});
	const worker = (key: string, own: ReturnType<typeof clock>): InstanceEntry => ({
		...{ ...main(own), type: 'worker', isLeader: false, instanceKey: key },
	});
	const database = (own: ReturnType<typeof clock>) =>
		known({ type: 'postgres', clock: own } as DatabaseStatistics);
	const found = (changed: Partial<StackLook>) =>
		judged(changed).findings.filter(({ id }) => id.endsWith('clock-differs'));

	it('are in order as long as they may be the same, or nearly', () => {
		const instances = known([main(clock(-1_900, 0)), worker('b', clock(9_000, 8_000))]);
		expect(found({ instances, database: database(clock(0)) })).toEqual([]);
	});

	it('that differ are named with their remedy, those of a component together', () => {
		const instances = known([
			main(clock(0)),
			worker('b', clock(300_000)),
			worker('c', clock(-5_000)),
		]);
		expect(found({ instances, database: database(clock(-10_000)) })).toEqual([
			expect.objectContaining({
				...{ id: 'clock-differs', severity: 'critical', component: 'workers', subject: 'b' },
				summary: 'The clock of worker b is 5 min ahead of that of this server, and 1 other differs',
				evidence: [
					{
						source: 'instance registry',
						says: 'the clock of b is 5 min ahead of ours, give or take 100 ms',
					},
					{
						source: 'instance registry',
						says: 'the clock of c is 5 s behind ours, give or take 100 ms',
					},
				],
				remedy: expect.stringContaining('NTP'),
			}),
			expect.objectContaining({ component: 'database', severity: 'warning' }),
		]);
	});

	it('that all differ alike say that ours is wrong, which is no fault of n8n', () => {
		const instances = known([main(clock(300_000)), worker('b', clock(300_500))]);
		expect(found({ instances, database: database(clock(299_800)) })).toEqual([
			expect.objectContaining({
				...{ id: 'own-clock-differs', severity: 'warning', subject: 'this server' },
				summary: 'The clock of this server is 5 min behind those of all others that are known',
			}),
		]);
	});

	it('make no job that was taken just now one that nobody holds', () => {
		const taken = (agoMs: number, at: number) =>
			known({
				jobs: [{ takenAt: at - agoMs, addedAt: at - agoMs } as QueuedJob],
				isWhole: true,
			});
		const { at } = lookWith({});
		const instances = known([main(clock(-300_000)), worker('b', clock(-300_000))]);
		const unheld = (agoMs: number) =>
			judged({ instances, jobs: taken(agoMs, at) }).findings.some(({ id }) => id === 'jobs-unheld');
		expect(unheld(300_000 + 10_000)).toBe(false);
		expect(unheld(300_000 + 20_000)).toBe(true);
	});
});

it.each([
	['critical', [{ loss: 'died with its worker', status: 'running' }]],
	['warning', [{ loss: 'hangs', status: 'running' }]],
	['warning', [{ loss: 'died with its worker', status: 'crashed' }]],
	['info', [{ loss: 'died with its worker', status: 'error' }]],
] as const)('is %s where executions are lost, by what can be done about them', (severity, lost) => {
	const { findings } = judged({}, {}, { at: 0, lost });
	expect(findings).toMatchObject([
		{ id: 'executions-lost', severity, summary: `1 execution is lost: 1 ${lost[0].loss}` },
	]);
});

it('says nothing of lost executions where there are none', () => {
	expect(judged({}, {}, { at: 0, lost: [] }).findings).toEqual([]);
});
