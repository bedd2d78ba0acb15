import type { PoolCounts } from '../../../../core/ports/stack';
import { outlookOf, QueueHistory } from '../../../../core/health/queue-outlook';

const NOW = Date.UTC(2026, 0, 1);

const counts = (told: Partial<PoolCounts>): PoolCounts => ({
	...{ pool: '', waiting: 0, active: 0, delayed: 0, failed: 0, completed: 0 },
	...{ isPaused: false, added: 0 },
	...told,
});

/** Two looks, ten seconds apart. */
const after = (first: Partial<PoolCounts>, second: Partial<PoolCounts>) => {
	const history = new QueueHistory();
	history.note(NOW, [counts(first)]);
	history.note(NOW + 10_000, [counts(second)]);
	return outlookOf(NOW + 10_000, counts(second), history.ratesOf(''), undefined);
};

it('foretells when a queue will be empty whose jobs are taken faster than they arrive', () => {
	const { arrivals, drain, forecast } = after(
		{ added: 100, waiting: 50 },
		{ added: 110, waiting: 30 },
	);
	expect({ arrivals, drain }).toEqual({ arrivals: 1, drain: 3 });
	expect(forecast).toEqual({ kind: 'empties', inMs: 15_000 });
});

it('says that a queue grows to which more is added than is taken', () => {
	const { forecast } = after({ added: 100, waiting: 10 }, { added: 160, waiting: 50 });
	expect(forecast).toEqual({ kind: 'grows', bySecond: 4 });
});

it('says that a queue stands still of which nobody takes a job', () => {
	const { forecast } = after({ added: 100, waiting: 10 }, { added: 100, waiting: 10 });
	expect(forecast).toEqual({ kind: 'stands' });
});

it('does not compare looks at two different queues', () => {
	const { arrivals, forecast } = after({ added: 100, waiting: 10 }, { added: 5, waiting: 5 });
	expect(arrivals).toBeUndefined();
	expect(forecast).toMatchObject({ kind: 'not known' });
});

it('goes by executions where the queue was looked at once', () => {
	const executions = { windowMs: 10_000, created: 10, finished: 20, failed: 0, crashed: 0 };
	const outlook = outlookOf(NOW, counts({ waiting: 10 }), undefined, executions);
	expect(outlook).toMatchObject({
		measured: { by: 'database' },
		forecast: { kind: 'empties', inMs: 10_000 },
	});
});
