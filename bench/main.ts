import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { Benchmark, Effort, Measurement } from './benchmark';
import { benchmarks } from './cases';
import { heading, row, toResult, type Result } from './table';

const USAGE = `npm run bench -- [--only ID,ID] [--json FILE] [--rounds N] [--turn-ms N]
IDs: ${benchmarks.map(({ id }) => id).join(', ')}`;

const { values: options } = parseArgs({
	options: {
		only: { type: 'string' },
		json: { type: 'string' },
		rounds: { type: 'string', default: '41' },
		'turn-ms': { type: 'string', default: '25' },
		help: { type: 'boolean', default: false },
	},
});

if (options.help) console.log(USAGE);
else await run();

async function run(): Promise<void> {
	const chosen = choose(options.only);
	const effort = { rounds: Number(options.rounds), turnMs: Number(options['turn-ms']) };
	const results: Result[] = [];
	console.log(heading);
	for (const benchmark of chosen) {
		const result = toResult(benchmark, await measureApart(benchmark, effort));
		console.log(row(benchmark, result));
		results.push(result);
	}
	if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, '\t')}\n`);
}

function choose(only: string | undefined): readonly Benchmark[] {
	if (only === undefined) return benchmarks;
	const ids = only.split(',').map((id) => id.trim());
	const unknown = ids.filter((id) => benchmarks.every((benchmark) => benchmark.id !== id));
	if (unknown.length > 0) {
		console.error(`There is no benchmark ${unknown.join(', ')}.\n${USAGE}`);
		process.exit(2);
	}
	return benchmarks.filter(({ id }) => ids.includes(id));
}

function measureApart({ id }: Benchmark, { rounds, turnMs }: Effort): Promise<Measurement> {
	const root = join(import.meta.dirname, '..');
	const child = fork(join(import.meta.dirname, 'run-one.ts'), [id, `${rounds}`, `${turnMs}`], {
		cwd: root,
		execArgv: ['--import', './toolchain/typescript.mjs'],
	});
	return new Promise((resolve, reject) => {
		child.once('message', (measurement) => resolve(measurement as Measurement));
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`${id} ended with ${code} and no figure.`)));
	});
}
