import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod';

import { auditSchedules as audit, tellAudit } from '../../../../core/health';
import { integer } from '../../../../core/options';
import { SourceUnavailableError } from '../../../../core/stack';
import { propertiesOf } from '../../../shared/description';
import { settingsOfProcess } from '../../../shared/stack';
import { inPages } from '../../in-pages';
import { limitProperties, readLimit } from '../../limit';
import type { Operation } from '../../operation';

const auditOptions = z.strictObject({
	windowMinutes: integer(5, 44_640, 1_440, {
		title: 'Window',
		description: 'How far back. A workflow is audited back to when it was changed or published',
		unit: 'min',
	}),
	lateAfterSeconds: integer(5, 3_600, 60, {
		title: 'Late After',
		description: 'A fire that comes more than that after its time is late',
		unit: 's',
	}),
});

const WORKFLOWS_A_PAGE = 100;

export const auditSchedules: Operation = {
	resource: 'health',
	value: 'auditSchedules',
	name: 'Audit Schedules',
	action: 'Audit the schedules of workflows',
	description:
		'Compare when the schedules of active workflows must have fired with when they did: missed, twice or late. Says where it cannot tell, and why.',
	properties: [...propertiesOf(auditOptions), ...limitProperties],

	async run({ parameters, stack, signal }) {
		const { sources, monitor, cronTimes: times, sha256 } = stack;
		const { windowMinutes, lateAfterSeconds } = parameters.options(auditOptions);
		const { database } = sources;
		if (!database)
			throw new SourceUnavailableError(
				'database',
				"n8n's database is not configured, so nothing is known of schedules",
				'Choose it in the parameter Database',
			);
		// What is due by our clock alone may still come.
		const now = await monitor.mainTime();
		const windowMs = windowMinutes * 60_000;
		const lateAfterMs = lateAfterSeconds * 1_000;
		return await inPages(readLimit(parameters), WORKFLOWS_A_PAGE, signal, async (limit, after) => {
			const tools = { now, times, sha256 };
			const request = { windowMs, lateAfterMs, limit, after, signal };
			const { audits, next } = await audit(database, settingsOfProcess(), tools, request);
			return { items: audits.map((one) => tellAudit(one) as unknown as IDataObject), next };
		});
	},
};
