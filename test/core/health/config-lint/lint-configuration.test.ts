import {
	lintConfiguration,
	LINT_RULES,
	type LintReadings,
	type LintReport,
} from '../../../../core/health/config-lint';
import type { Severity } from '../../../../core/health/severity';
import {
	instance,
	main,
	node,
	pool,
	redisServer,
	REGULAR,
	stackWith,
	workflow,
	type Changes,
} from './healthy-stack';

type Mode = LintReport['mode'];

/** What is changed of a healthy stack, and how bad the rule finds it. */
type Case = readonly [id: string, severity: Severity, changes: Changes, mode?: Mode];

const set = (settings: Record<string, string | undefined>): Changes => ({ settings });
const redis = (...[changed]: Parameters<typeof redisServer>): Changes => ({
	redis: [redisServer(changed)],
});
const rates = { windowMs: 3_600_000, created: 60, finished: 60, failed: 1, crashed: 0 };
const connections = { used: 10, most: 100, active: 1, idle: 9, idleInTransaction: 0, waiting: 0 };
const database = (changed: Partial<typeof connections>): Changes => ({
	database: {
		type: 'postgres',
		version: '15',
		sizeBytes: 1,
		roundTripMs: 1,
		tables: [],
		connections: { ...connections, ...changed },
	},
});
const workflows = (...[changed]: Parameters<typeof workflow>): Changes => ({
	workflows: [workflow(), workflow({ id: 'w3', name: 'Bills', ...changed })],
});

const CASES: readonly Case[] = [
	['redis-keep-alive', 'critical', set({ QUEUE_BULL_REDIS_KEEP_ALIVE: undefined })],
	['redis-keep-alive', 'critical', set({ QUEUE_BULL_REDIS_KEEP_ALIVE: 'off' })],
	['redis-keep-alive-slow', 'warning', set({ QUEUE_BULL_REDIS_KEEP_ALIVE_DELAY: '7200000' })],
	['redis-keep-alive-slow', 'warning', set({ QUEUE_BULL_REDIS_KEEP_ALIVE_INTERVAL: '30000' })],
	['redis-timeout-threshold', 'warning', set({ QUEUE_BULL_REDIS_TIMEOUT_THRESHOLD: undefined })],
	['redis-reconnect-on-failover', 'warning', set({ QUEUE_BULL_REDIS_RECONNECT_ON_FAILOVER: '0' })],
	['redis-eviction', 'critical', redis({ evictionPolicy: 'allkeys-lru' })],
	['redis-eviction', 'info', redis({ evictionPolicy: 'volatile-ttl', maxMemoryBytes: undefined })],
	['redis-evicted', 'critical', redis({ evictedKeys: 1 })],
	['redis-memory', 'critical', redis({ usedMemoryBytes: 90_000_000 })],
	['redis-append-only', 'warning', redis({ isAofEnabled: false })],
	['redis-save', 'critical', redis({ isLastSaveOk: false })],
	['redis-clients', 'critical', redis({ connectedClients: 9_000 })],
	['redis-clients', 'warning', redis({ rejectedConnections: 1 })],
	['redis-replica', 'info', redis({ replicas: 0 })],
	['lock-renewal', 'critical', set({ QUEUE_WORKER_LOCK_RENEW_TIME: '60000' })],
	['lock-renewal', 'warning', set({ QUEUE_WORKER_LOCK_RENEW_TIME: '20001' })],
	['lock-duration', 'warning', set({ QUEUE_WORKER_LOCK_DURATION: '29999' })],
	['stalled-interval', 'critical', set({ QUEUE_WORKER_STALLED_INTERVAL: '0' })],
	['stalled-interval', 'warning', set({ QUEUE_WORKER_STALLED_INTERVAL: '300001' })],
	['graceful-shutdown', 'critical', { rates: { ...rates, p95DurationMs: 30_001 } }],
	[
		'graceful-shutdown',
		'critical',
		{
			rates: { ...rates, p95DurationMs: 11_000 },
			settings: { QUEUE_WORKER_TIMEOUT: '10' },
		},
	],
	['queue-worker-timeout', 'warning', set({ QUEUE_WORKER_TIMEOUT: '29' })],
	['save-on-error', 'critical', set({ EXECUTIONS_DATA_SAVE_ON_ERROR: 'none' })],
	[
		'workflow-save-on-error',
		'critical',
		workflows({ settings: { saveDataErrorExecution: 'none', errorWorkflow: 'w2' } }),
	],
	['save-on-success', 'info', set({ EXECUTIONS_DATA_SAVE_ON_SUCCESS: 'none' })],
	['save-progress', 'info', set({ EXECUTIONS_DATA_SAVE_ON_PROGRESS: undefined })],
	['error-workflow', 'info', workflows({ settings: {} })],
	['binary-data-mode', 'critical', set({ N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem' })],
	['binary-data-mode', 'warning', set({ N8N_DEFAULT_BINARY_DATA_MODE: 'default' })],
	['execution-data-storage', 'critical', set({ N8N_EXECUTION_DATA_STORAGE_MODE: 'filesystem' })],
	['sqlite-in-queue-mode', 'critical', set({ DB_TYPE: undefined })],
	['encryption-key', 'warning', set({ N8N_ENCRYPTION_KEY: undefined })],
	['database-pool', 'warning', set({ DB_POSTGRESDB_POOL_SIZE: undefined })],
	['database-pool', 'warning', set({ N8N_CONCURRENCY_PRODUCTION_LIMIT: '13' })],
	['database-connections', 'critical', database({ used: 90 })],
	['database-connections', 'warning', database({ most: 7, used: 1 })],
	['concurrency-limit', 'warning', set({ N8N_CONCURRENCY_PRODUCTION_LIMIT: '-1' }), 'regular'],
	['concurrency-limit-of-workers', 'info', set({ N8N_CONCURRENCY_PRODUCTION_LIMIT: '10' })],
	['concurrency-limit-of-workers', 'critical', set({ N8N_CONCURRENCY_PRODUCTION_LIMIT: '0' })],
	['runner-concurrency', 'warning', set({ N8N_RUNNERS_MAX_CONCURRENCY: '9' })],
	['manual-executions', 'warning', set({ OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: undefined })],
	['execution-timeout', 'warning', set({ EXECUTIONS_TIMEOUT: '0' })],
	['execution-timeout-cut', 'warning', set({ EXECUTIONS_TIMEOUT: '3601' })],
	[
		'execution-timeout-cut',
		'warning',
		workflows({ settings: { executionTimeout: 7_200, errorWorkflow: 'w2' } }),
	],
	['prune-age', 'warning', set({ EXECUTIONS_DATA_MAX_AGE: '23' })],
	['prune-count', 'warning', { rates: { ...rates, created: 417, p95DurationMs: 1 } }],
	['prune-off', 'info', set({ EXECUTIONS_DATA_PRUNE: 'false' })],
	['recovery-batch', 'warning', { unfinished: 100 }],
	['recovery-interval', 'info', set({ N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '10' })],
	['recovery-interval', 'warning', set({ N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL: '0' })],
	[
		'recovery-of-pools',
		'warning',
		{ pools: [pool(''), pool('gpu', 0, 1)], instances: [main(), instance({ pool: 'gpu' })] },
	],
	['auto-deactivation', 'warning', set({ N8N_WORKFLOW_AUTODEACTIVATION_ENABLED: '1' })],
	[
		'mixed-versions',
		'warning',
		{ instances: [main(), instance(), instance({ version: '2.40.0' })] },
	],
	['several-mains', 'critical', { instances: [main(), main({ isLeader: false }), instance()] }],
	[
		'several-mains',
		'critical',
		{
			instances: [main(), main(), instance()],
			settings: { N8N_MULTI_MAIN_SETUP_ENABLED: 'true' },
		},
	],
	[
		'leader-key',
		'critical',
		set({ N8N_MULTI_MAIN_SETUP_ENABLED: 'true', N8N_MULTI_MAIN_SETUP_KEY_TTL: '3' }),
	],
	[
		'leader-key',
		'warning',
		set({ N8N_MULTI_MAIN_SETUP_ENABLED: 'true', N8N_MULTI_MAIN_SETUP_KEY_TTL: '6' }),
	],
	['no-worker', 'critical', { instances: [main()] }],
	['no-webhook-process', 'critical', set({ N8N_DISABLE_PRODUCTION_MAIN_PROCESS: 'true' })],
	['worker-health', 'info', set({ QUEUE_HEALTH_CHECK_ACTIVE: undefined })],
	[
		'timezone',
		'warning',
		{
			settings: { GENERIC_TIMEZONE: undefined },
			...workflows({
				nodes: [node('n8n-nodes-base.scheduleTrigger')],
				settings: { timezone: 'DEFAULT', errorWorkflow: 'w2' },
			}),
		},
	],
	[
		'webhook-url',
		'info',
		{
			settings: { N8N_WEBHOOK_URL: undefined },
			...workflows({
				nodes: [node('n8n-nodes-base.wait')],
				settings: { errorWorkflow: 'w2' },
			}),
		},
	],
];

/** A process must be started, a workflow changed, or a stack parted from another. */
const BY_MORE_THAN_SETTINGS = new Set([
	'no-worker',
	'recovery-of-pools',
	'redis-replica',
	'several-mains',
]);

const settingsOf = ({ settings }: Changes, mode: Mode) =>
	mode === 'regular' ? { ...REGULAR, ...settings } : settings;

/** What a remedy sets, and what it removes. */
const settingsIn = (remedy: string): Array<[string, string | undefined]> => [
	...[...remedy.matchAll(/\b([A-Z][A-Z0-9_]+)=([^\s,;]+)/g)].map(
		([, name, value]): [string, string] => [name!, value!],
	),
	...[...remedy.matchAll(/\bremove ([A-Z0-9_]+)/gi)].map(([, name]): [string, undefined] => [
		name!,
		undefined,
	]),
];

const lint = (changes?: Changes, mode: Mode = 'queue'): LintReport =>
	lintConfiguration(mode, stackWith(changes));

it.each([
	['queue', {}],
	['regular', { settings: REGULAR }],
] as const)('finds nothing wrong with a %s stack that is as it should be', (mode, changes) => {
	expect(lint(changes, mode)).toMatchObject({ findings: [], unknown: [] });
});

it.each(CASES.map((fault) => [fault[0], fault[1], fault] as const))(
	'%s finds a fault that is %s',
	(id, severity, [, , changes, mode = 'queue']) => {
		const { findings } = lint({ ...changes, settings: settingsOf(changes, mode) }, mode);
		expect(findings.filter((finding) => finding.id === id)).toEqual([
			expect.objectContaining({
				severity,
				setting: expect.stringMatching(/./),
				value: expect.stringMatching(/./),
				loses: expect.stringMatching(/^\S.*\.$/),
				remedy: expect.stringMatching(/^\S.*[^.]$/),
			}),
		]);
	},
);

it('has a fault for each rule, and no rule twice', () => {
	const ids = LINT_RULES.map(({ id }) => id);
	expect(new Set(CASES.map(([id]) => id))).toEqual(new Set(ids));
	expect(new Set(ids).size).toBe(ids.length);
});

it('gives remedies that mend what they are for', () => {
	let tried = 0;
	for (const [id, , changes, mode = 'queue'] of CASES) {
		const faulty = { ...changes, settings: settingsOf(changes, mode) };
		const { remedy } = lint(faulty, mode).findings.find((finding) => finding.id === id)!;
		const remedies = settingsIn(remedy);
		if (BY_MORE_THAN_SETTINGS.has(id) || remedies.length === 0) continue;
		tried++;
		const settings = { ...faulty.settings, ...Object.fromEntries(remedies) };
		const left = lint({ ...faulty, settings }, mode).findings.map((finding) => finding.id);
		expect([id, left]).toEqual([id, expect.not.arrayContaining([id])]);
	}
	expect(tried).toBeGreaterThan(CASES.length / 2);
});

it('puts the worst first', () => {
	const { findings } = lint({
		...redis({ replicas: 0, evictedKeys: 1, isAofEnabled: false }),
		settings: { QUEUE_BULL_REDIS_KEEP_ALIVE: 'false' },
	});
	expect(findings.map(({ severity }) => severity)).toEqual([
		'critical',
		'critical',
		'warning',
		'info',
	]);
});

it('says of each rule that lacks something what that is, and does not call it passed', () => {
	const why = { isKnown: false, source: 'redis', why: 'not reached', remedy: 'Start it' } as const;
	const readings: LintReadings = { ...stackWith(redis({ evictedKeys: 1 })), redis: why };
	const { findings, passed, unknown } = lintConfiguration('queue', readings);
	expect(findings).toEqual([]);
	expect(unknown).toContainEqual({ id: 'redis-evicted', because: 'redis: not reached' });
	expect(unknown.map(({ id }) => id).filter((id) => passed.includes(id))).toEqual([]);
});

it('never shows a secret', () => {
	const secret = 'planted in a setting';
	const { findings } = lint(set({ N8N_ENCRYPTION_KEY: secret, N8N_WEBHOOK_URL: secret }));
	expect(JSON.stringify(findings)).not.toContain(secret);
});
