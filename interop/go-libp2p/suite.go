package main

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

// A node of libp2p's GossipSub interop tests, as their specification for implementations wants it.
const (
	suitePort  = 9000
	suiteQueue = 600
	maxMessage = 10 << 20
)

type instruction struct {
	Type             string
	GossipSubParams  json.RawMessage
	ConnectTo        []int
	NodeID           int
	Instruction      *instruction
	ElapsedSeconds   int
	TopicID          string
	MessageID        uint64
	MessageSizeBytes int
}

func suiteKey(id int) (crypto.PrivKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	binary.LittleEndian.PutUint32(seed, uint32(id))
	return crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed))
}

func suiteID(data []byte) string {
	if len(data) < 8 {
		return "0"
	}
	return strconv.FormatUint(binary.BigEndian.Uint64(data), 10)
}

func log(message string, fields map[string]any) {
	fields["time"], fields["msg"] = time.Now().Format(time.RFC3339Nano), message
	say(fields)
}

type suite struct {
	id      int
	began   time.Time
	host    host.Host
	service *pubsub.PubSub
	topics  map[string]*pubsub.Topic
}

// Tells of every message that comes, of duplicates too.
type arrivals struct {
	*watcher
	self peer.ID
}

func (a arrivals) DeliverMessage(m *pubsub.Message)   { a.tell(m) }
func (a arrivals) DuplicateMessage(m *pubsub.Message) { a.tell(m) }

func (a arrivals) tell(m *pubsub.Message) {
	if m.ReceivedFrom != a.self {
		log("Received Message", map[string]any{"id": suiteID(m.Data), "from": m.ReceivedFrom.String(), "topic": m.GetTopic()})
	}
}

func runSuite(ctx context.Context, file string) error {
	s := &suite{began: time.Now(), topics: map[string]*pubsub.Topic{}}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var params struct{ Script []instruction }
	if err := json.Unmarshal(text, &params); err != nil {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	if _, err := fmt.Sscanf(name, "node%d", &s.id); err != nil {
		return fmt.Errorf("host name %s: %w", name, err)
	}
	private, err := suiteKey(s.id)
	if err != nil {
		return err
	}
	if s.host, err = libp2p.New(libp2p.Identity(private), libp2p.ListenAddrStrings(fmt.Sprintf("/ip4/0.0.0.0/tcp/%d", suitePort)),
		libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New), libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.DisableRelay(), libp2p.DisableMetrics()); err != nil {
		return err
	}
	defer s.host.Close()
	log("PeerID", map[string]any{"id": s.host.ID().String(), "node_id": s.id})
	for _, each := range params.Script {
		if err := s.follow(ctx, each); err != nil {
			return fmt.Errorf("%s: %w", each.Type, err)
		}
	}
	return nil
}

func (s *suite) follow(ctx context.Context, each instruction) error {
	switch each.Type {
	case "initGossipSub":
		params := pubsub.DefaultGossipSubParams()
		if err := json.Unmarshal(each.GossipSubParams, &params); err != nil {
			return err
		}
		var err error
		s.service, err = pubsub.NewGossipSub(ctx, s.host, pubsub.WithGossipSubParams(params), pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
			pubsub.WithNoAuthor(), pubsub.WithMessageIdFn(func(m *pb.Message) string { return suiteID(m.GetData()) }),
			pubsub.WithPeerOutboundQueueSize(suiteQueue), pubsub.WithValidateQueueSize(suiteQueue), pubsub.WithMaxMessageSize(maxMessage),
			pubsub.WithRawTracer(arrivals{newWatcher(), s.host.ID()}))
		return err
	case "connect":
		for _, id := range each.ConnectTo {
			if err := s.connect(ctx, id); err != nil {
				return err
			}
		}
		return nil
	case "ifNodeIDEquals":
		if s.id == each.NodeID && each.Instruction != nil {
			return s.follow(ctx, *each.Instruction)
		}
		return nil
	case "waitUntil":
		time.Sleep(time.Until(s.began.Add(time.Duration(each.ElapsedSeconds) * time.Second)))
		return nil
	case "subscribeToTopic":
		topic, err := s.topic(each.TopicID)
		if err != nil {
			return err
		}
		subscription, err := topic.Subscribe(pubsub.WithBufferSize(suiteQueue))
		if err != nil {
			return err
		}
		go func() {
			for {
				if _, err := subscription.Next(ctx); err != nil {
					return
				}
			}
		}()
		return nil
	case "publish":
		topic, err := s.topic(each.TopicID)
		if err != nil {
			return err
		}
		data := make([]byte, max(8, each.MessageSizeBytes))
		binary.BigEndian.PutUint64(data, each.MessageID)
		return topic.Publish(ctx, data)
	}
	return fmt.Errorf("unknown instruction %q", each.Type)
}

func (s *suite) topic(name string) (*pubsub.Topic, error) {
	if known := s.topics[name]; known != nil {
		return known, nil
	}
	topic, err := s.service.Join(name)
	s.topics[name] = topic
	return topic, err
}

func (s *suite) connect(ctx context.Context, id int) error {
	found, err := net.DefaultResolver.LookupHost(ctx, fmt.Sprintf("node%d", id))
	if err != nil {
		return err
	}
	private, err := suiteKey(id)
	if err != nil {
		return err
	}
	them, err := peer.IDFromPrivateKey(private)
	if err != nil {
		return err
	}
	info, err := peer.AddrInfoFromString(fmt.Sprintf("/ip4/%s/tcp/%d/p2p/%s", found[0], suitePort, them))
	if err != nil {
		return err
	}
	return s.host.Connect(ctx, *info)
}
