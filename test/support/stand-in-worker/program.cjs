// Connects to Redis as often as a worker does, and answers when it is asked how it is. Asks for a job once, and then no
// more, as one does whose connection has lost a reply. Named `n8n worker` in its command.
const { hostname } = require('node:os');
const { Redis } = require('ioredis');

const [port, prefix] = process.argv.slice(-2);
const [taking, listening, publishing] = [1, 2, 3].map(() => new Redis({ port: Number(port) }));
void taking.client('SETNAME', `${prefix}:am9icw==`);
void taking.brpoplpush(`${prefix}:jobs:wait`, `${prefix}:jobs:active`, 1);
void listening.subscribe(prefix === 'bull' ? 'n8n:n8n.commands' : 'other:n8n.commands');
listening.on('message', (_, text) => {
	const { payload } = JSON.parse(text);
	const status = {
		...{
			...payload,
			version: '2.41.1',
			hostname: hostname(),
			interfaces: [],
			runningJobsSummary: [],
		},
		...{ loadAvg: [0], cpus: '1x', freeMem: 1, totalMem: 2 },
		process: { uptime: process.uptime(), memory: process.memoryUsage() },
	};
	const answer = { senderId: `worker-${hostname()}`, payload: status };
	void publishing.publish('n8n:n8n.worker-response', JSON.stringify(answer));
});
