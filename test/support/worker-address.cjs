// Gives the process the address in BULWARK_TEST_ADDRESS, as if it ran on a machine of its own.
const os = require('node:os');

const address = process.env.BULWARK_TEST_ADDRESS;
const own = {
	address,
	netmask: '255.0.0.0',
	family: 'IPv4',
	mac: '',
	internal: false,
	cidr: `${address}/8`,
};
if (address) os.networkInterfaces = () => ({ eth0: [own] });
