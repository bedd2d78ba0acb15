/** Text that must never be evaluated, and what it would come to. */
export const TEMPLATE = '{{ 7 * 191919 }}';
export const EVALUATED = String(7 * 191919);

/** What a file or an expression may give for a parameter, however little it fits. */
export const ODD_VALUES: unknown[] = [
	...[0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 1e308, 2 ** 53, 1e-9],
	...['', ' ', '5', '-5', 'abc', '1e999', '0x10', 'EPERM', '__proto__', '\u0000', '429, 5xx'],
	...[TEMPLATE, `=${TEMPLATE}`, `$json.value ${TEMPLATE}`, 'x'.repeat(10 * 1024)],
	...[true, false, null, undefined, [], [1], [[]], {}, { a: 1 }, { value: TEMPLATE }],
];

interface SettingError {
	readonly name: string;
	readonly message: string;
	readonly description?: string | null;
	readonly context?: { readonly itemIndex?: unknown };
}

/** An error about a setting names parameter, value, remedy and item, and is short. */
export function expectClearError(error: unknown, itemIndex: number): void {
	const { name, message, description, context } = error as SettingError;
	expect(name).toBe('NodeOperationError');
	expect(message).toMatch(/^"[^"]+" (is .+: .+|cannot be evaluated: .+)$/s);
	expect(message.length).toBeLessThan(300);
	expect(description).toMatch(/^[A-Z].{5,}/s);
	expect(context?.itemIndex).toBe(itemIndex);
}
