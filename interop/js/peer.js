// A js-libp2p peer: TCP, Noise, Yamux, identify, ping. Prints one JSON object a line.
//   node peer.js listen KEYTYPE         be a peer until standard input ends
//   node peer.js dial KEYTYPE ADDRESS   connect, identify, ping five times, end
import './node20.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const DEADLINE_MILLIS = 20_000
const PINGS = 5

// Answered only once we are connected: the listener learns of it by a push.
const NEW = '/tutti/interop/new/1'
// js waits a second for what else may change.
const PUSHED_MILLIS = 3_000

const print = (line) => console.log(JSON.stringify(line))

const RSA_BITS = 2048
const key = (kind) => ({
  ed25519: () => generateKeyPair('Ed25519'),
  secp256k1: () => generateKeyPair('secp256k1'),
  rsa: () => generateKeyPair('RSA', RSA_BITS)
})[kind]()

const start = async (kind, listen) =>
  createLibp2p({
    privateKey: await key(kind),
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), identifyPush: identifyPush(), ping: ping() }
  })

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
  print({ event: 'listening', peerId: node.peerId.toString(), addresses: node.getMultiaddrs().map(String) })
  process.stdin.resume()
  await new Promise((resolve) => process.stdin.once('close', resolve))
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

const [mode, kind, address] = process.argv.slice(2)
try {
  await (mode === 'dial' ? dial(kind, address) : listen(kind))
  process.exit(0)
} catch (e) {
  print({ event: 'failed', message: e.message })
  process.exit(1)
}
