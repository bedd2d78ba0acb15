import { setTimeout as sleep } from 'node:timers/promises';

import { changedBy } from '../../../core/change-plans';
import { playbooks, type PlaybookStep, type Subject } from '../../../mcp-server/playbooks';
import type { TestClient, ToolResult } from './mcp-clients';

const ASK_AGAIN_EVERY_MS = 1_000;

/** Whether an answer is what a playbook says is to be expected. */
export type Expected = (structured: any) => boolean;

/**
 * Works a playbook through as who reads it would: calls its tools in order, passes on what they gave, asks again until the
 * answer is as expected, and applies no plan by which nothing changes.
 * @param expected of the tools for which the trouble at hand decides; the others must answer.
 * @returns the last answer of each tool.
 */
export async function workThrough(
	client: TestClient,
	name: string,
	expected: Readonly<Record<string, Expected>> = {},
	subjects: Readonly<Partial<Record<Subject, string>>> = {},
): Promise<ReadonlyMap<string, ToolResult>> {
	const answers = new Map<string, ToolResult>();
	let planId: string | undefined;
	for (const step of playbooks.find((playbook) => playbook.name === name)!.steps) {
		if (step.tool === 'apply_plan' && planId === undefined) continue;
		const given = filled(step, { ...subjects, planId });
		const answer = await answerOf(client, step.tool, given, expected[step.tool]);
		answers.set(step.tool, answer);
		const { planId: id, steps } = answer.structured;
		planId = steps && changedBy(steps).length === 0 ? undefined : id;
	}
	return answers;
}

async function answerOf(
	client: TestClient,
	tool: string,
	given: Record<string, unknown>,
	isExpected: Expected = () => true,
): Promise<ToolResult> {
	for (;;) {
		const answer = await client.call(tool, given);
		if (answer.isError) throw new Error(`${tool}: ${answer.text}`);
		if (isExpected(answer.structured)) return answer;
		await sleep(ASK_AGAIN_EVERY_MS, undefined, { ref: false });
	}
}

const filled = ({ given }: PlaybookStep, subjects: Readonly<Record<string, string | undefined>>) =>
	Object.fromEntries(
		Object.entries(given).map(([name, value]) => {
			const blank = /^<(\w+)>$/.exec(`${value as string}`)?.[1];
			return [name, blank ? subjects[blank] : value];
		}),
	);
