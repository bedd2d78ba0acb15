import { CHECK_PATH, tellCheck, type EndedAudit, type LastChecks } from '../../core/health';
import type { GaugeFamily } from './exposition';

/** Of the audits of schedules and the synthetic checks that this server was asked for: the last one of each workflow. */
export function checkMetrics({ audits, checks }: LastChecks): readonly GaugeFamily[] {
	const checked = checks.map(({ report, endedAt }) => ({
		report,
		endedAt,
		labels: {
			workflow: report.workflow?.name ?? CHECK_PATH,
			workflow_id: report.workflow?.id ?? '',
		},
	}));
	return [
		{
			name: 'bulwark_schedule_fires',
			help: 'Fires of the schedules of a workflow in the time of its last audit_schedules: due, and of these missed, doubled and late.',
			samples: audits.flatMap((audit) =>
				Object.entries(audit.fires).map(([fire, value]) => ({
					labels: { ...labelsOf(audit), fire },
					value,
				})),
			),
		},
		{
			name: 'bulwark_schedule_audit_start_timestamp_seconds',
			help: 'From when on the last audit_schedules of a workflow looked at its schedules.',
			samples: audits.map((audit) => ({ labels: labelsOf(audit), value: audit.from / 1_000 })),
		},
		{
			name: 'bulwark_schedule_audit_end_timestamp_seconds',
			help: 'Up to when it did, which is when it was made.',
			samples: audits.map((audit) => ({ labels: labelsOf(audit), value: audit.to / 1_000 })),
		},
		{
			name: 'bulwark_synthetic_check_passed',
			help: 'Whether the last run_synthetic_check of a workflow passed: 1, or 0 where it failed or timed out.',
			samples: checked.map(({ labels, report }) => ({
				labels,
				value: report.verdict === 'passed' ? 1 : 0,
			})),
		},
		{
			name: 'bulwark_synthetic_check_duration_seconds',
			help: 'How long it took.',
			samples: checked.map(({ labels, report }) => ({ labels, value: report.durationMs / 1_000 })),
		},
		{
			name: 'bulwark_synthetic_check_hop_seconds',
			help: 'When it came to a hop, since the call; below 0 where clocks differ.',
			samples: checked.flatMap(({ labels, report }) =>
				tellCheck(report).hops.map(({ name, afterMs }) => ({
					labels: { ...labels, hop: name },
					value: afterMs / 1_000,
				})),
			),
		},
		{
			name: 'bulwark_synthetic_check_timestamp_seconds',
			help: 'When it ended.',
			samples: checked.map(({ labels, endedAt }) => ({ labels, value: endedAt / 1_000 })),
		},
	];
}

const labelsOf = ({ name, workflowId }: EndedAudit) => ({
	workflow: name,
	workflow_id: workflowId,
});
