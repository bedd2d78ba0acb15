import type { Playbook } from './playbook';

/**
 * A playbook in Markdown.
 * @param subjects what the user has named takes the place of the texts in angle brackets.
 */
export function showPlaybook(
	{ title, when, steps, afterwards }: Playbook,
	subjects: Readonly<Record<string, string | undefined>> = {},
): string {
	const filled = (given: Readonly<Record<string, unknown>>) =>
		JSON.stringify(given, (_, value: unknown) =>
			typeof value === 'string' ? named(value, subjects) : value,
		);
	return [
		`# ${title}`,
		when,
		...steps.map(
			({ tool, given, why, expect }, index) =>
				`${index + 1}. Call \`${tool}\` with \`${filled(given)}\`. ${why}\n   Expect: ${expect}`,
		),
		`**Afterwards.** ${afterwards}`,
		'',
	].join('\n\n');
}

const named = (text: string, subjects: Readonly<Record<string, string | undefined>>): string =>
	subjects[/^<(\w+)>$/.exec(text)?.[1] ?? ''] ?? text;
