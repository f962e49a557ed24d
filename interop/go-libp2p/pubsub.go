package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const maxLine = 1 << 20

var policies = map[string]pubsub.MessageSignaturePolicy{
	"strict": pubsub.StrictSign, "none": pubsub.StrictNoSign, "lax": pubsub.LaxNoSign,
}

// What the spec has by default, from and seqno; or the hash of the data.
func messageID(kind string) pubsub.MsgIdFunction {
	if kind == "sha256" {
		return func(message *pb.Message) string {
			hash := sha256.Sum256(message.GetData())
			return string(hash[:])
		}
	}
	return pubsub.DefaultMsgIdFn
}

// Weights that let no reward hide a penalty: the rewards end at 0.02, the smallest penalty is 5.
func scoring(topic string) (*pubsub.PeerScoreParams, *pubsub.PeerScoreThresholds) {
	return &pubsub.PeerScoreParams{
			Topics: map[string]*pubsub.TopicScoreParams{topic: {
				TopicWeight: 1, TimeInMeshWeight: 0.001, TimeInMeshQuantum: time.Second, TimeInMeshCap: 10,
				FirstMessageDeliveriesWeight: 0.001, FirstMessageDeliveriesDecay: 0.9, FirstMessageDeliveriesCap: 10,
				InvalidMessageDeliveriesWeight: -10, InvalidMessageDeliveriesDecay: 0.99,
				MeshMessageDeliveriesDecay: 0.9, MeshFailurePenaltyDecay: 0.9,
			}},
			AppSpecificScore:         func(peer.ID) float64 { return 0 },
			IPColocationFactorWeight: -5, IPColocationFactorThreshold: 10,
			BehaviourPenaltyWeight: -10, BehaviourPenaltyDecay: 0.99,
			DecayInterval: time.Second, DecayToZero: 0.01, RetainScore: time.Minute,
		}, &pubsub.PeerScoreThresholds{
			GossipThreshold: -100, PublishThreshold: -500, GraylistThreshold: -1000,
		}
}

// A mesh so small that nodes have to be pruned from it when eight subscribe.
func smallMesh() pubsub.GossipSubParams {
	params := pubsub.DefaultGossipSubParams()
	params.D, params.Dlo, params.Dhi, params.Dout, params.Dscore = 4, 3, 5, 1, 2
	return params
}

type score struct{ Last, Min float64 }

// What one peer's control messages were.
type control struct{ Graft, Prune, Backoff, Idontwant, Ihave, Iwant uint64 }

type watcher struct {
	mutex    sync.Mutex
	scores   map[peer.ID]score
	received map[peer.ID]*control
	sent     map[peer.ID]*control
	dropped  int
}

func newWatcher() *watcher {
	return &watcher{scores: map[peer.ID]score{}, received: map[peer.ID]*control{}, sent: map[peer.ID]*control{}}
}

func (w *watcher) inspect(snapshots map[peer.ID]*pubsub.PeerScoreSnapshot) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for id, snapshot := range snapshots {
		known := w.scores[id]
		w.scores[id] = score{snapshot.Score, min(known.Min, snapshot.Score)}
		if snapshot.Score < known.Min {
			fmt.Fprintf(os.Stderr, "score of %s: %+v\n", id, *snapshot)
		}
	}
}

func (w *watcher) count(of map[peer.ID]*control, id peer.ID, rpc *pubsub.RPC) {
	message := rpc.GetControl()
	if message == nil {
		return
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	all := of[id]
	if all == nil {
		all = &control{}
		of[id] = all
	}
	all.Graft += uint64(len(message.Graft))
	all.Prune += uint64(len(message.Prune))
	all.Idontwant += uint64(len(message.Idontwant))
	all.Ihave += uint64(len(message.Ihave))
	all.Iwant += uint64(len(message.Iwant))
	for _, prune := range message.Prune {
		all.Backoff = max(all.Backoff, prune.GetBackoff())
	}
}

func (w *watcher) RecvRPC(rpc *pubsub.RPC)            { w.count(w.received, rpc.From(), rpc) }
func (w *watcher) SendRPC(rpc *pubsub.RPC, p peer.ID) { w.count(w.sent, p, rpc) }
func (w *watcher) DropRPC(*pubsub.RPC, peer.ID) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.dropped++
}
func (w *watcher) OnNewOutboundStream(peer.ID, protocol.ID) {}
func (w *watcher) OnClosedOutboundStream(peer.ID)           {}
func (w *watcher) Join(string)                              {}
func (w *watcher) Leave(string)                             {}
func (w *watcher) Graft(peer.ID, string)                    {}
func (w *watcher) Prune(peer.ID, string)                    {}
func (w *watcher) ValidateMessage(*pubsub.Message)          {}
func (w *watcher) DeliverMessage(*pubsub.Message)           {}
func (w *watcher) DuplicateMessage(*pubsub.Message)         {}
func (w *watcher) ThrottlePeer(peer.ID)                     {}
func (w *watcher) UndeliverableMessage(*pubsub.Message)     {}
func (w *watcher) RejectMessage(m *pubsub.Message, reason string) {
	fmt.Fprintln(os.Stderr, "rejected:", reason, "from", m.ReceivedFrom)
}
func (w *watcher) SendRPCCompleted(*pubsub.RPC, peer.ID, time.Duration) {}

func (w *watcher) report() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	peers := map[string]any{}
	for id, of := range w.scores {
		line := map[string]any{"score": of.Last, "min": of.Min}
		if seen := w.received[id]; seen != nil {
			line["received"] = seen.fields()
		}
		if sent := w.sent[id]; sent != nil {
			line["sent"] = sent.fields()
		}
		peers[id.String()] = line
	}
	say(map[string]any{"event": "report", "peers": peers, "dropped": w.dropped})
}

func (c control) fields() map[string]uint64 {
	return map[string]uint64{
		"graft": c.Graft, "prune": c.Prune, "backoff": c.Backoff, "idontwant": c.Idontwant, "ihave": c.Ihave, "iwant": c.Iwant,
	}
}

func newPubsub(ctx context.Context, node host.Host, kind, signature, id, topic string, seen *watcher) (*pubsub.PubSub, error) {
	policy, known := policies[signature]
	if !known {
		return nil, errors.New(usage)
	}
	options := []pubsub.Option{
		pubsub.WithMessageSignaturePolicy(policy), pubsub.WithMessageIdFn(messageID(id)),
		pubsub.WithRawTracer(seen), pubsub.WithPeerOutboundQueueSize(1024),
	}
	switch kind {
	case "gossipsub":
		params, thresholds := scoring(topic)
		return pubsub.NewGossipSub(ctx, node, append(options, pubsub.WithGossipSubParams(smallMesh()),
			pubsub.WithPeerScore(params, thresholds), pubsub.WithPeerScoreInspect(seen.inspect, time.Second/2))...)
	case "floodsub":
		return pubsub.NewFloodSub(ctx, node, options...)
	}
	return nil, errors.New(usage)
}

// Takes commands on standard input until its end, and reports then.
func chat(ctx context.Context, kind, signature, id, topicName, addresses string) error {
	node, err := start("ed25519", libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	if err != nil {
		return err
	}
	defer node.Close()
	seen := newWatcher()
	node.Network().Notify(&network.NotifyBundle{DisconnectedF: func(_ network.Network, c network.Conn) {
		say(map[string]any{"event": "disconnected", "peerId": c.RemotePeer().String()})
	}})
	service, err := newPubsub(ctx, node, kind, signature, id, topicName, seen)
	if err != nil {
		return err
	}
	topic, err := service.Join(topicName)
	if err != nil {
		return err
	}
	defer topic.Close()
	subscription, err := subscribe(ctx, topic)
	if err != nil {
		return err
	}
	if err := sayListening(node); err != nil {
		return err
	}
	if err := connectAll(ctx, node, addresses); err != nil {
		return err
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var command struct {
			Cmd, Address string
			Data         []byte
		}
		if err := json.Unmarshal(lines.Bytes(), &command); err != nil {
			return err
		}
		switch command.Cmd {
		case "publish":
			err = topic.Publish(ctx, command.Data)
		case "connect":
			err = connectAll(ctx, node, command.Address)
		case "unsubscribe":
			subscription.Cancel()
		case "subscribe":
			subscription, err = subscribe(ctx, topic)
		case "peers":
			say(map[string]any{"event": "peers", "count": len(topic.ListPeers())})
		case "report":
			seen.report()
		default:
			err = fmt.Errorf("unknown command %s", command.Cmd)
		}
		if err != nil {
			return err
		}
	}
	seen.report()
	return lines.Err()
}

func connectAll(ctx context.Context, node host.Host, addresses string) error {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	peers, err := addressesOf(addresses)
	for _, each := range peers {
		if err = node.Connect(ctx, each); err != nil {
			break
		}
	}
	return err
}

func subscribe(ctx context.Context, topic *pubsub.Topic) (*pubsub.Subscription, error) {
	subscription, err := topic.Subscribe(pubsub.WithBufferSize(1024))
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			message, err := subscription.Next(ctx)
			if err != nil {
				return
			}
			say(map[string]any{
				"event": "message", "topic": message.GetTopic(), "from": message.GetFrom().String(), "id": hex.EncodeToString([]byte(message.ID)),
				"data": message.Data, "via": message.ReceivedFrom.String(),
			})
		}
	}()
	return subscription, nil
}
