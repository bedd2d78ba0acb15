import type { MemberChange, MemberStatus } from './member.ts';

/** One line per process: what it is for, its process id, its port, how it is. */
export function showMembers(members: readonly MemberStatus[]): string {
	const rows = [
		['process', 'pid', 'port', 'state'],
		...members.map((member) => [
			member.name,
			`${member.pid ?? '-'}`,
			`${member.port}`,
			stateOf(member),
		]),
	];
	const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
	return rows
		.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`)
		.join('\n');
}

/** What has become of a process, in a sentence; undefined when that is not worth one. */
export function tellChange({ member, was }: MemberChange): string | undefined {
	const who = `${member.name} (process ${member.pid})`;
	if (member.state === 'dead') return `${who} is dead: ${endOf(member)}. Log: ${member.logFile}`;
	if (member.state === 'not answering') return `${who} does not answer.`;
	if (member.state === 'ready' && was === 'not answering') return `${who} answers again.`;
	if (member.state === 'ready' && was === 'starting') return `${who} is ready.`;
	if (member.state === 'starting' && was === 'dead') return `${member.name} is started again.`;
	return undefined;
}

function stateOf(member: MemberStatus): string {
	return member.state === 'dead' ? `dead (${endOf(member)})` : member.state;
}

function endOf({ exit }: MemberStatus): string {
	if (!exit) return 'it did not start';
	return exit.signal ? `ended by ${exit.signal}` : `ended with code ${exit.code}`;
}
