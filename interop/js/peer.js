// A js-libp2p peer: TCP, Noise, Yamux, identify, ping. Prints one JSON object a line.
//   node peer.js listen KEYTYPE         be a peer until standard input ends
//   node peer.js dial KEYTYPE ADDRESS   connect, identify, ping five times, end
//   node peer.js dht|pubsub …           as interop/PEERS.md says
import { multiaddr } from '@multiformats/multiaddr'
import { DEADLINE_MILLIS, print, printListening, start, untilInputEnds } from './node.js'

const PINGS = 5

// Answered only once we are connected: the listener learns of it by a push.
const NEW = '/tutti/interop/new/1'
// js waits a second for what else may change.
const PUSHED_MILLIS = 3_000

const describe = (event) => ({
  event: 'identified',
  peerId: event.peerId.toString(),
  agentVersion: event.agentVersion,
  protocolVersion: event.protocolVersion,
  protocols: event.protocols,
  listenAddresses: event.listenAddrs.map(String),
  observedAddress: event.observedAddr?.toString(),
  signedRecord: event.signedPeerRecord != null
})

async function listen (kind) {
  const node = await start(kind, ['/ip4/127.0.0.1/tcp/0'])
  node.addEventListener('peer:identify', ({ detail }) => print(describe(detail)))
  node.addEventListener('connection:open', async ({ detail }) => {
    // Ping back on the connection that was opened to us.
    try {
      const rtt = await node.services.ping.ping(detail.remotePeer, { signal: AbortSignal.timeout(DEADLINE_MILLIS) })
      print({ event: 'pinged', peerId: detail.remotePeer.toString(), rttMillis: rtt })
    } catch (e) {
      print({ event: 'ping-failed', peerId: detail.remotePeer.toString(), message: e.message })
    }
  })
  printListening(node)
  await untilInputEnds()
  await node.stop()
}

async function dial (kind, address) {
  const node = await start(kind, [])
  const signal = AbortSignal.timeout(DEADLINE_MILLIS)
  const identified = new Promise((resolve) =>
    node.addEventListener('peer:identify', ({ detail }) => resolve(describe(detail))))
  const connection = await node.dial(multiaddr(address), { signal })
  const info = await Promise.race([
    identified,
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('no identify in time'))))
  ])
  const rttMillis = []
  for (let i = 0; i < PINGS; i++) {
    rttMillis.push(await node.services.ping.ping(connection.remotePeer, { signal }))
  }
  await node.handle(NEW, (stream) => { stream.close() })
  await new Promise((resolve) => setTimeout(resolve, PUSHED_MILLIS))
  print({ ...info, event: 'dialled', self: node.peerId.toString(), multiplexer: connection.multiplexer, encryption: connection.encryption, rttMillis })
  await node.stop()
}

const commands = {
  listen,
  dial,
  dht: async (...args) => (await import('./dht.js')).dht(...args),
  pubsub: async (...args) => (await import('./chat.js')).chat(...args)
}
const [mode, ...args] = process.argv.slice(2)
try {
  await commands[mode](...args)
  process.exit(0)
} catch (e) {
  print({ event: 'failed', message: e.message })
  process.exit(1)
}
