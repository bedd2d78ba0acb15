import { ExecutionLedger, LostSurvey, RECOVERY_DEFAULTS } from '../../../core/recovery';
import { LostWorld } from '../../support/lost-world';

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
