package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	benchPeers   = 5
	benchTopic   = "bench"
	benchBytes   = 1024
	pace         = 50
	window       = 256
	reportEvery  = 32
	meshSeconds  = 4
	quietSeconds = 5
)

// A subscriber, or the publisher: one process of five that are connected each to each.
type gossipPeer struct {
	host  host.Host
	topic *pubsub.Topic
	// What the phase that runs has brought.
	mutex     sync.Mutex
	latencies []int64
	expected  int
	received  int
	last      int64
}

func startGossipPeer(ctx context.Context, kind string) (*gossipPeer, error) {
	node, err := start(kind, libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	if err != nil {
		return nil, err
	}
	// The default queues of 32 drop what an unpaced publisher sends.
	service, err := pubsub.NewGossipSub(ctx, node, pubsub.WithPeerOutboundQueueSize(4*window), pubsub.WithValidateQueueSize(4*window))
	if err != nil {
		return nil, err
	}
	topic, err := service.Join(benchTopic)
	if err != nil {
		return nil, err
	}
	subscription, err := topic.Subscribe(pubsub.WithBufferSize(4 * window))
	if err != nil {
		return nil, err
	}
	self := &gossipPeer{host: node, topic: topic}
	go func() {
		for {
			message, err := subscription.Next(ctx)
			if err != nil {
				return
			}
			if message.ReceivedFrom != node.ID() {
				self.take(message.Data)
			}
		}
	}()
	return self, nil
}

func (p *gossipPeer) take(data []byte) {
	now := time.Now().UnixNano()
	p.mutex.Lock()
	p.latencies = append(p.latencies, now-int64(binary.BigEndian.Uint64(data)))
	p.received++
	p.last = now
	count, all := p.received, p.expected
	p.mutex.Unlock()
	if count%reportEvery == 0 || count == all {
		say(map[string]any{"event": "received", "count": count})
	}
}

func (p *gossipPeer) publish(ctx context.Context) error {
	data := make([]byte, benchBytes)
	binary.BigEndian.PutUint64(data, uint64(time.Now().UnixNano()))
	return p.topic.Publish(ctx, data)
}

func cpuMicros() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano()/1000 + usage.Stime.Nano()/1000
}

// The subscriber: takes "begin MESSAGES" and "end" on standard input; what it says between them is counted from zero.
func benchGossipPeer(ctx context.Context, addresses string) error {
	self, err := startGossipPeer(ctx, "ed25519")
	if err != nil {
		return err
	}
	defer self.host.Close()
	if err := connectAll(ctx, self.host, addresses); err != nil {
		return err
	}
	if err := sayListening(self.host); err != nil {
		return err
	}
	began := int64(0)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, number, _ := strings.Cut(lines.Text(), " ")
		self.mutex.Lock()
		switch command {
		case "begin":
			self.latencies, self.received, self.last, began = nil, 0, 0, cpuMicros()
			self.expected, err = strconv.Atoi(number)
			say(map[string]any{"event": "began"})
		case "end":
			say(map[string]any{
				"event": "ended", "count": self.received, "last": self.last, "latencies": self.latencies, "cpuMicros": cpuMicros() - began,
			})
		}
		self.mutex.Unlock()
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

type child struct {
	process *exec.Cmd
	input   io.WriteCloser
	lines   chan childLine
	count   atomic.Int64
}

type childLine struct {
	Event     string
	Addresses []string
	Count     int64
	Last      int64
	Latencies []int64
	CpuMicros int64
}

func startChild(address string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{process: exec.Command(self, "bench-gossip-peer", address), lines: make(chan childLine, 16)}
	c.process.Stderr = os.Stderr
	if c.input, err = c.process.StdinPipe(); err != nil {
		return nil, err
	}
	output, err := c.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.lines)
		lines := bufio.NewScanner(output)
		lines.Buffer(nil, 16*maxLine)
		for lines.Scan() {
			var line childLine
			if json.Unmarshal(lines.Bytes(), &line) != nil {
				continue
			}
			if line.Event == "received" {
				c.count.Store(line.Count)
				continue
			}
			c.lines <- line
		}
	}()
	return c, nil
}

func (c *child) await(event string) (childLine, error) {
	for {
		select {
		case line, ok := <-c.lines:
			if !ok || line.Event == "failed" {
				return line, errors.New("a subscriber ended")
			}
			if line.Event == event {
				return line, nil
			}
		case <-time.After(deadline):
			return childLine{}, fmt.Errorf("no %s in time", event)
		}
	}
}

func (c *child) tell(command string) error {
	_, err := io.WriteString(c.input, command+"\n")
	return err
}

// One phase: what the subscribers say at its end, all together.
type phase struct {
	deliveries, lost, cpuMicros int64
	seconds                     float64
	latencies                   []int64
}

func runPhase(children []*child, messages int, publishAll func() error) (phase, error) {
	for _, each := range children {
		each.count.Store(0)
		if err := each.tell(fmt.Sprintf("begin %d", messages)); err != nil {
			return phase{}, err
		}
		if _, err := each.await("began"); err != nil {
			return phase{}, err
		}
	}
	cpu, began := cpuMicros(), time.Now()
	if err := publishAll(); err != nil {
		return phase{}, err
	}
	// Until all have come, or nothing comes any more.
	for quiet, before := 0, int64(-1); quiet < 20*quietSeconds; quiet++ {
		sum := int64(0)
		for _, each := range children {
			sum += each.count.Load()
		}
		if sum >= int64(len(children)*messages) {
			break
		}
		if sum != before {
			quiet, before = 0, sum
		}
		time.Sleep(50 * time.Millisecond)
	}
	var all phase
	all.cpuMicros = cpuMicros() - cpu
	last := int64(0)
	for _, each := range children {
		if err := each.tell("end"); err != nil {
			return phase{}, err
		}
		line, err := each.await("ended")
		if err != nil {
			return phase{}, err
		}
		all.deliveries += line.Count
		all.cpuMicros += line.CpuMicros
		all.latencies = append(all.latencies, line.Latencies...)
		last = max(last, line.Last)
	}
	all.lost = int64(len(children)*messages) - all.deliveries
	all.seconds = float64(last-began.UnixNano()) / 1e9
	return all, nil
}

func percentile(sorted []int64, of float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, int(of*float64(len(sorted))))]) / 1e6
}

// The publisher and what it measures: first 50 messages a second, then as many as go, with at most so many under way.
func benchGossip(ctx context.Context, seconds, messages int) error {
	self, err := startGossipPeer(ctx, "ed25519")
	if err != nil {
		return err
	}
	defer self.host.Close()
	own, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(self.host))
	if err != nil {
		return err
	}
	known := []string{own[0].String()}
	var children []*child
	for range benchPeers - 1 {
		each, err := startChild(strings.Join(known, ","))
		if err != nil {
			return err
		}
		defer func() {
			each.input.Close()
			each.process.Wait()
		}()
		line, err := each.await("listening")
		if err != nil {
			return err
		}
		known = append(known, line.Addresses[0])
		children = append(children, each)
	}
	for len(self.topic.ListPeers()) < benchPeers-1 {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(meshSeconds * time.Second)
	paced, err := runPhase(children, pace*seconds, func() error {
		ticks := time.NewTicker(time.Second / pace)
		defer ticks.Stop()
		for range pace * seconds {
			<-ticks.C
			if err := self.publish(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	unpaced, err := runPhase(children, messages, func() error {
		for sent := range messages {
			for waiting := 0; slowest(children) < int64(sent-window); waiting++ {
				if waiting > 10_000*quietSeconds {
					return errors.New("messages were lost, and the publisher waits for them")
				}
				time.Sleep(100 * time.Microsecond)
			}
			if err := self.publish(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(paced.latencies)
	say(map[string]any{
		"event": "bench-gossip", "peers": benchPeers, "p50Millis": percentile(paced.latencies, 0.5), "p99Millis": percentile(paced.latencies, 0.99),
		"deliveriesPerSecond": float64(unpaced.deliveries) / unpaced.seconds, "lost": paced.lost + unpaced.lost,
		"cpuMicrosPerDelivery": float64(unpaced.cpuMicros) / float64(unpaced.deliveries),
	})
	return nil
}

func slowest(children []*child) int64 {
	least := int64(1) << 62
	for _, each := range children {
		least = min(least, each.count.Load())
	}
	return least
}
