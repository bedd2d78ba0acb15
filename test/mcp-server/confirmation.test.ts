import { z } from 'zod';

import { systemClock } from '../../adapters/system';
import { PLAN_LIFE_MS } from '../../core/change-plans';
import { defineTool } from '../../mcp-server/tool';
import { changePlan } from '../support/change-plan';
import { callOverStream } from '../support/mcp/call-over-stream';
import { until } from '../support/until';

/** Of which few change something. */
const steps = Array.from({ length: 60 }, (_, step) => ({
	...{ action: step % 2 ? 'retry' : 'leave', subject: `execution ${step}`, reason: 'it is lost' },
}));

const asking = defineTool({
	name: 'asking',
	title: 'Asking',
	description: 'Has a plan confirmed that was just made.',
	role: 'viewer',
	effect: 'looks',
	input: z.strictObject({}),
	output: z.object({ answer: z.string() }),
	async run(_, { confirm }) {
		const plan = { ...changePlan(), steps, expiresAt: systemClock.now() + PLAN_LIFE_MS };
		const answer = await confirm(plan);
		return { output: { answer }, text: answer };
	},
});

/** What a tool is told of the answer of a user over one stream, as standard input and output are. */
async function heard(
	answer: (asked: { readonly message: string }) => Promise<unknown>,
	elicitation: { url?: object } = {},
): Promise<string> {
	const timeoutMs = 10 * PLAN_LIFE_MS;
	const result = await callOverStream(asking, { elicitation, answer, timeoutMs });
	return result.structuredContent?.answer ?? result.content[0].text;
}

const yes = { action: 'accept', content: { apply: true } };

afterEach(() => {
	jest.useRealTimers();
});

it('waits for its user as long as the plan lives, and no longer', async () => {
	jest.useFakeTimers();
	let asked = 0;
	const after = async (ms: number) =>
		await heard(() => {
			asked++;
			return new Promise((resolve) => setTimeout(() => resolve(yes), ms));
		});
	const late = after(PLAN_LIFE_MS - 1_000);
	const never = after(PLAN_LIFE_MS + 1_000);
	await until(() => asked === 2);
	await jest.advanceTimersByTimeAsync(PLAN_LIFE_MS - 1_000);
	expect(await late).toBe('yes');
	await jest.advanceTimersByTimeAsync(1_000);
	expect(await never).toBe('no answer');
});

it.each([
	['declines', { action: 'decline' }],
	['goes away', { action: 'cancel' }],
	['says yes to nothing', { action: 'accept', content: {} }],
	['says nothing', { action: 'accept' }],
	['says yes in a way of its own', { action: 'accept', content: { apply: 'true' } }],
	['answers with something else', { action: 'accept', content: [] }],
	['does something unknown', { action: 'approve', content: { apply: true } }],
	['sends nothing', {}],
])('takes for a no what is no yes: a client that %s', async (_, answer) => {
	expect(await heard(() => Promise.resolve(answer))).toBe('no');
});

it('takes an error of a client for nobody who can be asked', async () => {
	expect(await heard(() => Promise.reject(new Error('no window')))).toBe('cannot be asked');
});

it('notes that a call is cancelled while its question is open, and logs no error', async () => {
	const cancelling = new AbortController();
	const noted: unknown[] = [];
	const onError = jest.fn();
	const called = callOverStream(asking, {
		answer: () => {
			cancelling.abort('not needed any more');
			return new Promise(() => undefined);
		},
		signal: cancelling.signal,
		audit: (event) => Promise.resolve(void noted.push(event)),
		onError,
	});
	await expect(called).rejects.toThrow();
	await until(() => noted.length > 0);
	expect(noted).toMatchObject([{ outcome: 'failed', detail: 'The call was cancelled.' }]);
	expect(onError).not.toHaveBeenCalled();
});

it('does not ask by a form whose client shows pages only', async () => {
	expect(await heard(() => Promise.resolve(yes), { url: {} })).toBe('cannot be asked');
});

it('shows all that would be changed, before what is left', async () => {
	let message = '';
	const answer = (asked: { readonly message: string }) => {
		({ message } = asked);
		return Promise.resolve(yes);
	};
	expect(await heard(answer)).toBe('yes');
	const lines = message.split('\n').slice(1);
	expect(lines.slice(0, 30).every((line) => line.startsWith('- retry execution'))).toBe(true);
	expect(lines[30]).toContain('leave execution 0');
	expect(lines).toContain('- leave 10 more');
});
