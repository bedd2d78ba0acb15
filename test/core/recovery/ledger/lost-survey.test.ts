import { ExecutionLedger, LostSurvey, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import { LostWorld } from '../../../support/lost-world';

const surveyOf = ({ sources, clock }: LostWorld) =>
	new LostSurvey(new ExecutionLedger(sources, clock, RECOVERY_DEFAULTS), clock);

it('waits for the first look, and then tells what was seen last while it looks anew', async () => {
	const world = new LostWorld(1);
	const survey = surveyOf(world);
	expect(await survey.seen()).toMatchObject({ lost: [] });
	world.beginRow();
	world.pass(20_000);
	expect(await survey.seen()).toMatchObject({ lost: [] });
	await world.clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
	await survey.close();
	expect(await survey.seen()).toMatchObject({
		lost: [{ loss: 'never reached a worker', status: 'new' }],
	});
});

it('looks no more often than every 15 s, however many ask', async () => {
	const world = new LostWorld(1);
	const survey = surveyOf(world);
	const first = await survey.seen();
	await Promise.all([survey.seen(), survey.seen()]);
	world.pass(10_000);
	expect(await survey.seen()).toBe(first);
});

it('waits for a look where the last one was long ago', async () => {
	const world = new LostWorld(1);
	const survey = surveyOf(world);
	expect(await survey.seen()).toMatchObject({ lost: [] });
	world.beginRow();
	world.pass(3_600_000);
	const seen = survey.seen();
	await world.clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
	expect(await seen).toMatchObject({ at: world.clock.now() - 3_000, lost: [{ status: 'new' }] });
});

it('tells what was lost as long as nobody can look', async () => {
	const world = new LostWorld(1);
	const id = world.beginRow();
	world.pass(60_000);
	const { sources, clock } = world;
	const survey = new LostSurvey(new ExecutionLedger(sources, clock, RECOVERY_DEFAULTS), clock);
	const seen = survey.seen();
	await clock.run(RECOVERY_DEFAULTS.confirmAfterMs);
	expect(await seen).toMatchObject({ lost: [{ status: 'new' }] });
	world.rows.delete(id);
	sources.database!.executions.withStatus = () => Promise.reject(new Error('is away'));
	world.pass(3_600_000);
	expect(await survey.seen()).toMatchObject({ lost: [{ status: 'new' }] });
});
