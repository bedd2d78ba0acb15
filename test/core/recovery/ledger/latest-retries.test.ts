import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { ExecutionRow, ExecutionView } from '../../../../core/ports/stack';
import { LatestRetries } from '../../../../core/recovery/ledger/latest-retries';

/** So many ids later a row that was begun can be seen, at the latest. */
const MOST_BEHIND = 990;

/** n8n's table of executions, whose rows have an id before anybody sees them. */
class Table {
	readonly rows = new Map<number, ExecutionRow>();
	readonly unseen: ExecutionRow[] = [];
	/** What happens between two questions. */
	readonly meanwhile: Array<() => void> = [];
	visited = 0;
	private lastId = 0;

	begin(retryOf?: string): void {
		const id = `${++this.lastId}`;
		const row = { id, workflowId: 'w', status: 'new', mode: 'retry', createdAt: 0 } as const;
		this.unseen.push({ ...row, ...(retryOf !== undefined && { retryOf }) });
	}

	show(which: number): void {
		const [row] = this.unseen.splice(which % Math.max(1, this.unseen.length), 1);
		if (row) this.rows.set(Number(row.id), row);
	}

	/** Others are made. */
	pass(ids: number): void {
		this.lastId += ids;
		const { unseen } = this;
		const late = ({ id }: ExecutionRow) => this.lastId - Number(id) >= MOST_BEHIND;
		while (unseen.some(late)) this.show(unseen.findIndex(late));
		this.begin();
		this.show(unseen.length - 1);
	}

	change(which: number, status: ExecutionRow['status'] | 'deleted'): void {
		const id = [...this.rows.keys()][which % Math.max(1, this.rows.size)];
		if (id === undefined) return;
		if (status === 'deleted') this.rows.delete(id);
		else this.rows.set(id, { ...this.rows.get(id)!, status });
	}

	/** It is as it was when there were fewer, and gives their ids again. */
	restore(): void {
		this.unseen.length = 0;
		this.lastId = Math.max(4, Math.floor(this.lastId / 2));
		for (const id of this.rows.keys()) if (id > this.lastId) this.rows.delete(id);
	}

	readonly view: Pick<ExecutionView, 'newestId' | 'find' | 'retriesOf'> = {
		newestId: () => this.answer(() => `${Math.max(0, ...this.rows.keys())}`),
		find: (ids) => this.answer(() => this.ordered().filter(({ id }) => ids.includes(id))),
		retriesOf: (executions, after = '0') =>
			this.answer(() => {
				const oldest = Math.max(Number(after), Math.min(...executions.map(({ id }) => Number(id))));
				const newer = this.ordered().filter(({ id }) => Number(id) > oldest);
				this.visited += newer.length;
				return newer.filter(({ retryOf }) => executions.some(({ id }) => id === retryOf));
			}),
	};

	private ordered(): ExecutionRow[] {
		return [...this.rows.values()].sort((one, other) => Number(one.id) - Number(other.id));
	}

	private async answer<T>(say: () => T): Promise<T> {
		this.meanwhile.shift()?.();
		return await Promise.resolve(say());
	}
}

const LOST = ['1', '2', '3'].map((id): ExecutionRow => ({
	...{ id, workflowId: 'w', status: 'crashed', mode: 'webhook', createdAt: 0 },
}));

function tableOfLost(): Table {
	const table = new Table();
	LOST.forEach(() => table.begin());
	table.pass(0);
	while (table.unseen.length > 0) table.show(0);
	return table;
}

const CHANGES = {
	retry: (table: Table, n: number) => table.begin(`${1 + (n % 3)}`),
	show: (table: Table, n: number) => table.show(n),
	pass: (table: Table, n: number) => table.pass(n),
	end: (table: Table, n: number) => table.change(n, n % 2 ? 'error' : 'success'),
	delete: (table: Table, n: number) => table.change(n, 'deleted'),
};

const change = fc.record({
	type: fc.constantFrom(...(Object.keys(CHANGES) as Array<keyof typeof CHANGES>)),
	n: fc.nat(700),
});

it('finds what asking for everything finds, whatever has happened meanwhile', async () => {
	let found = 0;
	const step = fc.oneof(
		{ weight: 6, arbitrary: change },
		{ weight: 1, arbitrary: fc.constant({ type: 'restore' as const, n: 0 }) },
		{ weight: 1, arbitrary: fc.record({ type: fc.constant('forget' as const), n: fc.nat(2) }) },
		{ weight: 3, arbitrary: fc.record({ type: fc.constant('look' as const), n: fc.nat(7) }) },
		{
			weight: 2,
			arbitrary: fc.record({
				type: fc.constant('look amid' as const),
				n: fc.nat(7),
				changes: fc.array(change, { maxLength: 4 }),
			}),
		},
	);
	const property = fc.asyncProperty(
		fc.array(step, { maxLength: 80, size: 'max' }),
		async (steps) => {
			const table = tableOfLost();
			const retries = new LatestRetries();
			const look = async (which: number) => {
				const asked = LOST.filter((_, index) => (which >> index) % 2 === 0);
				return { asked, latest: await retries.of(table.view, asked) };
			};
			for (const one of steps)
				if (one.type === 'restore') {
					table.restore();
					// Somebody looks before as many are made anew.
					await look(0);
				} else if (one.type === 'forget') retries.forget([`${one.n + 1}`]);
				else if (one.type === 'look amid') {
					table.meanwhile.push(
						...one.changes.map(
							({ type, n }) =>
								() =>
									CHANGES[type](table, n),
						),
					);
					await look(one.n);
					table.meanwhile.length = 0;
				} else if (one.type === 'look') {
					const { asked, latest } = await look(one.n);
					const all = asked.length === 0 ? [] : await table.view.retriesOf(asked);
					const expected = new Map(all.map((row) => [row.retryOf!, row]));
					assert.deepEqual(latest, expected);
					found += latest.size;
				} else CHANGES[one.type](table, one.n);
		},
	);
	await fc.assert(property, { numRuns: 2_000 });
	expect(found).toBeGreaterThan(3_000);
});

it('reads no more than what was made since the look before, and a little', async () => {
	const table = tableOfLost();
	const retries = new LatestRetries();
	const visits: number[] = [];
	for (const made of [20_000, 0, 10, 0]) {
		for (let count = 0; count < made; count++) table.pass(0);
		table.visited = 0;
		await retries.of(table.view, LOST);
		visits.push(table.visited);
	}
	const [all, ...since] = visits;
	expect(all).toBeGreaterThan(20_000);
	expect(Math.max(...since)).toBeLessThan(1_100);
});
