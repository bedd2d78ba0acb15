import { ExecutionLedger, RECOVERY_DEFAULTS } from '../../../core/recovery';
import {
	ExecutionWatch,
	eventsBetween,
	type StackEvent,
	type Trouble,
} from '../../../core/stack-events';
import { LostWorld } from '../../support/lost-world';

const watching = (world: LostWorld) => {
	const { sources, clock } = world;
	const watch = new ExecutionWatch(new ExecutionLedger(sources, clock, RECOVERY_DEFAULTS));
	let troubles: readonly Trouble[] = [];
	const events: StackEvent[] = [];
	return {
		events,
		look: async (times: number) => {
			for (let look = 0; look < times; look++) {
				const sights = await watch.look(troubles, AbortSignal.timeout(60_000));
				const between = eventsBetween(troubles, { at: clock.now(), ...sights });
				troubles = between.troubles;
				events.push(...between.events);
				world.pass(10_000);
			}
		},
	};
};

const lostWith = (world: LostWorld): string => {
	const id = world.begin();
	world.take(0);
	world.pass(20_000);
	world.lose(0, 'dead');
	world.pass(60_000);
	return id;
};

it('tells once of an execution that is lost, however n8n takes it for lost meanwhile', async () => {
	const world = new LostWorld(2);
	const id = lostWith(world);
	const { events, look } = watching(world);
	await look(3);
	// The queue drops what stalled too often, and n8n marks it later.
	world.jobs.clear();
	await look(3);
	Object.assign(world.rows.get(id)!, { status: 'crashed', stoppedAt: world.clock.now() });
	await look(3);
	expect(events.map(({ type }) => type)).toEqual(['execution-lost']);
});

it('tells of no end while the row of what is lost changes within a look', async () => {
	const world = new LostWorld(2);
	const id = lostWith(world);
	const { events, look } = watching(world);
	await look(3);
	for (let question = 0; question < 40; question++)
		world.meanwhile.push(() => {
			world.rows.get(id)!.stoppedAt = world.clock.now() + question;
		});
	await look(1);
	world.meanwhile.length = 0;
	await look(2);
	expect(events.map(({ type }) => type)).toEqual(['execution-lost']);
});

it('tells of its end once it runs again', async () => {
	const world = new LostWorld(2);
	const id = lostWith(world);
	const { events, look } = watching(world);
	await look(3);
	world.jobs.clear();
	Object.assign(world.rows.get(id)!, { status: 'success', stoppedAt: world.clock.now() });
	await look(2);
	expect(events.map(({ type }) => type)).toEqual(['execution-lost', 'execution-settled']);
});

it('tells of no end where n8n gives up what is lost, and keeps elsewhere why', async () => {
	const world = new LostWorld(2);
	const id = lostWith(world);
	const { events, look } = watching(world);
	await look(3);
	world.jobs.clear();
	world.saved.set(id, { isSaved: false, lastNode: undefined, hasInput: false });
	Object.assign(world.rows.get(id)!, { status: 'error', stoppedAt: world.clock.now() });
	await look(3);
	expect(events.map(({ type }) => type)).toEqual(['execution-lost']);
	world.rows.get(id)!.retrySuccessId = '99';
	await look(1);
	expect(events.map(({ type }) => type)).toEqual(['execution-lost', 'execution-settled']);
});
