// Publish/subscribe: one topic, commands on standard input, a report at the end.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { floodsub } from '@libp2p/floodsub'
import { gossipsub } from '@libp2p/gossipsub'
import { DEADLINE_MILLIS, addressesOf, print, printListening, start } from './node.js'

const SAMPLE_MILLIS = 500

const sha256 = (data) => createHash('sha256').update(data).digest()

// What the spec has by default, from and seqno; or the hash of the data.
const messageId = {
  sender: (message) => {
    const seqno = Buffer.alloc(8)
    seqno.writeBigUInt64BE(message.sequenceNumber)
    return Buffer.concat([message.from.toMultihash().bytes, seqno])
  },
  sha256: (message) => sha256(message.data)
}

// Weights that let no reward hide a penalty: the rewards end at 0.02, the smallest penalty is 5.
const scoring = (topic) => ({
  topics: {
    [topic]: {
      topicWeight: 1,
      timeInMeshWeight: 0.001,
      timeInMeshQuantum: 1000,
      timeInMeshCap: 10,
      firstMessageDeliveriesWeight: 0.001,
      firstMessageDeliveriesDecay: 0.9,
      firstMessageDeliveriesCap: 10,
      meshMessageDeliveriesWeight: 0,
      meshFailurePenaltyWeight: 0,
      invalidMessageDeliveriesWeight: -10,
      invalidMessageDeliveriesDecay: 0.99
    }
  },
  IPColocationFactorWeight: -5,
  IPColocationFactorThreshold: 10,
  behaviourPenaltyWeight: -10,
  behaviourPenaltyThreshold: 0,
  behaviourPenaltyDecay: 0.99,
  decayInterval: 1000,
  decayToZero: 0.01,
  retainScore: 60_000
})

const policy = { strict: 'StrictSign', none: 'StrictNoSign' }

const service = (kind, signature, id, topic) => kind === 'floodsub'
  ? floodsub({ globalSignaturePolicy: policy[signature] })
  : gossipsub({
    globalSignaturePolicy: policy[signature],
    msgIdFn: messageId[id],
    msgIdToStrFn: (bytes) => Buffer.from(bytes).toString('hex'),
    D: 4,
    Dlo: 3,
    Dhi: 5,
    Dout: 1,
    Dscore: 2,
    allowPublishToZeroTopicPeers: true,
    scoreParams: scoring(topic),
    scoreThresholds: { gossipThreshold: -100, publishThreshold: -500, graylistThreshold: -1000 }
  })

const KINDS = ['graft', 'prune', 'idontwant', 'ihave', 'iwant']

// Counts the control messages of each peer, before the library handles them.
function watch (pubsub) {
  const received = new Map()
  const handle = pubsub.handleReceivedRpc.bind(pubsub)
  pubsub.handleReceivedRpc = async (from, rpc) => {
    const counts = received.get(from.toString()) ?? { graft: 0, prune: 0, backoff: 0, idontwant: 0, ihave: 0, iwant: 0 }
    received.set(from.toString(), counts)
    for (const kind of KINDS) counts[kind] += rpc.control?.[kind]?.length ?? 0
    for (const prune of rpc.control?.prune ?? []) counts.backoff = Math.max(counts.backoff, Number(prune.backoff ?? 0))
    return handle(from, rpc)
  }
  return received
}

export async function chat (kind, signature, id, topic, addresses) {
  const node = await start('ed25519', ['/ip4/127.0.0.1/tcp/0'], { pubsub: service(kind, signature, id, topic) })
  const { pubsub } = node.services
  const gossips = kind === 'gossipsub'
  const received = gossips ? watch(pubsub) : new Map()
  const scores = new Map()
  const sample = () => {
    for (const peer of gossips ? pubsub.getPeers() : []) {
      const score = pubsub.getScore(peer.toString())
      scores.set(peer.toString(), { score, min: Math.min(score, scores.get(peer.toString())?.min ?? 0) })
    }
  }
  const report = () => print({
    event: 'report',
    peers: Object.fromEntries([...scores].map(([peer, of]) => [peer, { ...of, received: received.get(peer) }]))
  })
  const printMessage = (message, idText, via) => print({
    event: 'message', topic: message.topic, from: message.from?.toString() ?? '', id: idText, data: Buffer.from(message.data).toString('base64'), via
  })
  if (gossips) {
    pubsub.addEventListener('gossipsub:message', ({ detail }) => printMessage(detail.msg, detail.msgId, detail.propagationSource.toString()))
  } else {
    // It tells neither an id nor who passed it on.
    pubsub.addEventListener('message', ({ detail }) => printMessage(detail, detail.sequenceNumber?.toString(16) ?? '', ''))
  }
  node.addEventListener('peer:disconnect', ({ detail }) => print({ event: 'disconnected', peerId: detail.toString() }))
  pubsub.subscribe(topic)
  printListening(node)
  const connect = async (text) => {
    for (const address of addressesOf(text)) {
      await node.dial(address, { signal: AbortSignal.timeout(DEADLINE_MILLIS) })
    }
  }
  await connect(addresses)
  const sampling = setInterval(sample, SAMPLE_MILLIS)
  const commands = {
    publish: ({ data }) => pubsub.publish(topic, Buffer.from(data, 'base64')),
    connect: ({ address }) => connect(address),
    subscribe: () => pubsub.subscribe(topic),
    unsubscribe: () => pubsub.unsubscribe(topic),
    peers: () => print({ event: 'peers', count: pubsub.getSubscribers(topic).length }),
    report
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line)
    await commands[command.cmd](command)
  }
  clearInterval(sampling)
  report()
}
