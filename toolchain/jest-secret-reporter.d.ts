export default class SecretReporter {
	onTestResult(
		test: { path: string },
		result: { console?: Array<{ message: string }>; failureMessage?: string | null },
	): void;
	getLastError(): Error | undefined;
}
