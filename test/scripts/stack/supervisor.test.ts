import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
	delay,
	exitOf,
	isProcessAlive,
	killGroup,
	stopProcess,
} from '../../../scripts/n8n/index.ts';
import { Member, type MemberChange, type Role } from '../../../scripts/stack/member.ts';
import { Supervisor, type WhenDead } from '../../../scripts/stack/supervisor.ts';
import { until } from '../../support/until';

/** Notes in a file that it was asked to end, and ends a moment later. */
const PROGRAM = `
	process.once('SIGTERM', () => {
		require('node:fs').appendFileSync(process.argv[1], process.argv[2] + ' ');
		setTimeout(() => process.exit(0), 50);
	});
	setInterval(() => {}, 1000);
	console.log('ready');
`;

let folder: string;
let ends: string;
let answers: boolean;
let told: string[];
let pids: number[];
let supervisor: Supervisor;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'bulwark-supervisor-'));
	ends = join(folder, 'ends');
	await writeFile(ends, '');
	answers = true;
	told = [];
	pids = [];
});
afterEach(async () => {
	await supervisor.stop();
	await rm(folder, { recursive: true });
});

function supervise(whenDead: WhenDead = 'report'): void {
	supervisor = new Supervisor(whenDead, ({ member }: MemberChange) => {
		told.push(`${member.name} ${member.state}`);
	});
}

/** A process of that role; never ready when `isHanging`. */
function member(name: string, role: Role, start: 'ready' | 'hanging' = 'ready'): Member {
	return new Member({
		name,
		role,
		port: 0,
		logFile: '',
		onChange: (change) => supervisor.onChange(change),
		onSpawned: async (pid) => await Promise.resolve(void pids.push(pid)),
		answers: async () => await Promise.resolve(answers),
		launch: async (onSpawned, signal) => {
			const child = spawn(process.execPath, ['-e', PROGRAM, ends, name], {
				detached: true,
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			await onSpawned(child.pid!);
			await new Promise((resolve) => child.stdout.once('data', resolve));
			try {
				if (start === 'hanging') await delay(60_000, signal);
			} catch (error) {
				await stopProcess(child, 5000);
				throw error;
			}
			return {
				pid: child.pid!,
				ended: exitOf(child),
				stop: async () => await stopProcess(child, 5000),
				kill: async () => {
					killGroup(child.pid!);
					await exitOf(child);
				},
			};
		},
	});
}

const stateOf = (name: string) => supervisor.find(name)!.status.state;

describe('Supervisor', () => {
	it('stops workers first, then n8n, then what that needs, and leaves nothing', async () => {
		supervise();
		await supervisor.start(
			member('redis', 'redis'),
			member('main', 'main'),
			member('worker-1', 'worker'),
			member('worker-2', 'worker'),
		);
		expect(supervisor.statuses.map(({ state }) => state)).toEqual(Array(4).fill('ready'));
		await supervisor.stop();
		const order = (await readFile(ends, 'utf8')).trim().split(' ');
		expect(order.slice(0, 2).sort()).toEqual(['worker-1', 'worker-2']);
		expect(order.slice(2)).toEqual(['main', 'redis']);
		expect(pids.filter(isProcessAlive)).toEqual([]);
		expect(supervisor.statuses.map(({ state }) => state)).toEqual(Array(4).fill('stopped'));
	});

	it('stops what is still starting, whose start then fails', async () => {
		supervise();
		const started = supervisor.start(member('redis', 'redis'), member('main', 'main', 'hanging'));
		const failed = expect(started).rejects.toThrow();
		await until(() => pids.length === 2);
		await supervisor.stop();
		await failed;
		expect(pids.filter(isProcessAlive)).toEqual([]);
	});

	it('reports a worker that died, and leaves it dead', async () => {
		supervise('report');
		await supervisor.start(member('worker-1', 'worker'));
		process.kill(pids[0]!, 'SIGKILL');
		await until(() => stateOf('worker-1') === 'dead');
		expect(told.at(-1)).toBe('worker-1 dead');
		expect(supervisor.find('worker-1')!.status.exit).toEqual({ code: null, signal: 'SIGKILL' });
		await delay(1500);
		expect(stateOf('worker-1')).toBe('dead');
	});

	it('starts a worker that died again when told to', async () => {
		supervise('restart');
		await supervisor.start(member('worker-1', 'worker'));
		await supervisor.find('worker-1')!.kill();
		await until(() => pids.length === 2 && stateOf('worker-1') === 'ready');
		expect(told.slice(-3)).toEqual(['worker-1 dead', 'worker-1 starting', 'worker-1 ready']);
	});

	it.each(['redis', 'postgres', 'main'] as const)(
		'says that all is over when %s died',
		async (role) => {
			supervise('restart');
			await supervisor.start(member(role, role));
			await supervisor.find(role)!.kill();
			expect(await supervisor.broken).toMatchObject({ role, state: 'dead' });
			expect(pids).toHaveLength(1);
		},
	);

	it('says when a process does not answer, and when it does again', async () => {
		supervise();
		await supervisor.start(member('worker-1', 'worker'));
		answers = false;
		await until(() => stateOf('worker-1') === 'not answering');
		answers = true;
		await until(() => stateOf('worker-1') === 'ready');
		expect(told.slice(-2)).toEqual(['worker-1 not answering', 'worker-1 ready']);
	});
});
