package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

// What ./tutti bench p2p measures of ours, with go-libp2p: the same numbers of the same things between two processes, the CPU of both counted.
// "bench" starts "bench-listen", prints a line when it is warm, and for each line that it reads one JSON object.
const (
	benchID          = protocol.ID("/tutti/bench/1.0.0")
	benchDialers     = 8
	benchIdentities  = 8
	benchConnections = 6000
	benchPings       = 20_000
	benchSilences    = 11
	benchMebibytes   = 2048
	benchChunk       = 1 << 20
	up               = byte(1)
	down             = byte(2)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func cpuNanos() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func sendBytes(to io.Writer, length int64) (uint32, error) {
	chunk := make([]byte, benchChunk)
	if _, err := rand.Read(chunk); err != nil {
		return 0, err
	}
	sum := uint32(0)
	for left := length; left > 0; {
		count := min(left, benchChunk)
		sum = crc32.Update(sum, castagnoli, chunk[:count])
		if _, err := to.Write(chunk[:count]); err != nil {
			return 0, err
		}
		left -= count
	}
	return sum, nil
}

func receiveBytes(from io.Reader, length int64) (uint32, error) {
	chunk := make([]byte, benchChunk)
	sum := uint32(0)
	for left := length; left > 0; {
		count, err := from.Read(chunk[:min(left, benchChunk)])
		if err != nil {
			return 0, err
		}
		sum = crc32.Update(sum, castagnoli, chunk[:count])
		left -= int64(count)
	}
	return sum, nil
}

// One byte of direction and 8 of length, the bytes, and 8 with the other side's CRC-32C.
func serveTransfer(stream network.Stream) {
	defer stream.Close()
	request := make([]byte, 9)
	if _, err := io.ReadFull(stream, request); err != nil {
		return
	}
	work := func() (uint32, error) { return receiveBytes(stream, int64(binary.BigEndian.Uint64(request[1:]))) }
	if request[0] == down {
		work = func() (uint32, error) { return sendBytes(stream, int64(binary.BigEndian.Uint64(request[1:]))) }
	}
	if sum, err := work(); err == nil {
		_ = binary.Write(stream, binary.BigEndian, int64(sum))
	}
}

func transferBytes(ctx context.Context, node host.Host, them peer.ID, direction byte, mebibytes int64) error {
	stream, err := node.NewStream(ctx, them, benchID)
	if err != nil {
		return err
	}
	defer stream.Close()
	length := mebibytes << 20
	if _, err := stream.Write(binary.BigEndian.AppendUint64([]byte{direction}, uint64(length))); err != nil {
		return err
	}
	var sum uint32
	if direction == up {
		sum, err = sendBytes(stream, length)
	} else {
		sum, err = receiveBytes(stream, length)
	}
	if err != nil {
		return err
	}
	var theirs int64
	if err := binary.Read(stream, binary.BigEndian, &theirs); err != nil {
		return err
	}
	if theirs != int64(sum) {
		return errors.New("checksums differ")
	}
	return nil
}

func benchListen(context.Context) error {
	node, err := start("ed25519", libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"))
	if err != nil {
		return err
	}
	defer node.Close()
	node.SetStreamHandler(benchID, serveTransfer)
	addresses, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(node))
	if err != nil {
		return err
	}
	fmt.Println(addresses[0])
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(cpuNanos())
	}
	return nil
}

type remote struct {
	address string
	in      io.Writer
	out     *bufio.Scanner
}

func (r *remote) line() (string, error) {
	if !r.out.Scan() {
		return "", errors.New("the other process ended")
	}
	return r.out.Text(), nil
}

// Of both processes.
func (r *remote) cpu() (int64, error) {
	if _, err := fmt.Fprintln(r.in, "usage"); err != nil {
		return 0, err
	}
	text, err := r.line()
	if err != nil {
		return 0, err
	}
	theirs, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return theirs + cpuNanos(), err
}

// Seconds of CPU of both, and on the clock.
func (r *remote) measure(work func() error) (float64, float64, error) {
	before, err := r.cpu()
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return 0, 0, err
	}
	wall := time.Since(began).Seconds()
	after, err := r.cpu()
	return float64(after-before) / 1e9, wall, err
}

func bench(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.Command(self, "bench-listen")
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	defer func() { in.Close(); _ = child.Wait() }()
	other := &remote{in: in, out: bufio.NewScanner(out)}
	if other.address, err = other.line(); err != nil {
		return err
	}
	if err := other.connectAll(ctx, benchConnections/8); err != nil {
		return err
	}
	fmt.Println("warm")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		result, err := other.round(ctx)
		if err != nil {
			return err
		}
		line, err := json.Marshal(result)
		if err != nil {
			return err
		}
		fmt.Println(string(line))
	}
	return nil
}

func (r *remote) round(ctx context.Context) (map[string]float64, error) {
	cpu, _, err := r.measure(func() error { return r.connectAll(ctx, benchConnections) })
	if err != nil {
		return nil, err
	}
	result := map[string]float64{"connectionsPerCpuSecond": benchConnections / cpu}
	node, them, err := r.connected(ctx)
	if err != nil {
		return nil, err
	}
	defer node.Close()
	pinging, stop := context.WithCancel(ctx)
	defer stop()
	results := ping.Ping(pinging, node, them)
	rtt := func() (float64, error) {
		answer := <-results
		return float64(answer.RTT.Nanoseconds()) / 1e3, answer.Error
	}
	for range benchPings / 10 {
		if _, err := rtt(); err != nil {
			return nil, err
		}
	}
	if result["pingP50Micros"], err = medianOf(benchPings, rtt); err != nil {
		return nil, err
	}
	stop()
	// ping.Ping sends the next as soon as the last was taken, so each that follows silence has a stream of its own, opened before.
	waited, wall := 0.0, 0.0
	result["silentPingP50Micros"], err = medianOf(benchSilences, func() (float64, error) {
		stream, err := node.NewStream(ctx, them, ping.ID)
		if err != nil {
			return 0, err
		}
		defer stream.Close()
		if _, err := exchangePing(stream); err != nil {
			return 0, err
		}
		took := 0.0
		cpu, seconds, err := r.measure(func() error {
			time.Sleep(time.Second)
			took, err = exchangePing(stream)
			return err
		})
		waited += cpu
		wall += seconds
		return took, err
	})
	if err != nil {
		return nil, err
	}
	result["waitingCores"] = waited / wall
	for _, direction := range []byte{up, down} {
		cpu, wall, err := r.measure(func() error { return transferBytes(ctx, node, them, direction, benchMebibytes) })
		if err != nil {
			return nil, err
		}
		if rate := benchMebibytes / cpu; direction == up || rate < result["mibPerCpuSecond"] {
			result["mibPerCpuSecond"] = rate
			result["mibPerSecond"] = benchMebibytes / wall
		}
	}
	return result, nil
}

func exchangePing(stream network.Stream) (float64, error) {
	sent := make([]byte, 32)
	if _, err := rand.Read(sent); err != nil {
		return 0, err
	}
	began := time.Now()
	if err := exchange(stream, sent); err != nil {
		return 0, err
	}
	return float64(time.Since(began).Nanoseconds()) / 1e3, nil
}

func medianOf(count int, measure func() (float64, error)) (float64, error) {
	all := make([]float64, count)
	for i := range all {
		var err error
		if all[i], err = measure(); err != nil {
			return 0, err
		}
	}
	slices.Sort(all)
	return all[count/2], nil
}

func (r *remote) connected(ctx context.Context) (host.Host, peer.ID, error) {
	them, err := peer.AddrInfoFromString(r.address)
	if err != nil {
		return nil, "", err
	}
	node, err := start("ed25519", libp2p.NoListenAddrs)
	if err != nil {
		return nil, "", err
	}
	if err := node.Connect(ctx, *them); err != nil {
		node.Close()
		return nil, "", err
	}
	return node, them.ID, nil
}

// Each connection with identify and a ping; each dialer takes turns among a few identities.
func (r *remote) connectAll(ctx context.Context, count int) error {
	results := make(chan error, benchDialers)
	for range benchDialers {
		go func() { results <- r.connectOne(ctx, count/benchDialers) }()
	}
	for range benchDialers {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

func (r *remote) connectOne(ctx context.Context, count int) error {
	them, err := peer.AddrInfoFromString(r.address)
	if err != nil {
		return err
	}
	nodes := make([]host.Host, benchIdentities)
	identified := make([]event.Subscription, benchIdentities)
	defer func() {
		for _, node := range nodes {
			if node != nil {
				node.Close()
			}
		}
	}()
	for i := range nodes {
		if nodes[i], err = start("ed25519", libp2p.NoListenAddrs); err != nil {
			return err
		}
		if identified[i], err = nodes[i].EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted)); err != nil {
			return err
		}
	}
	for i := range count {
		node := nodes[i%benchIdentities]
		if err := node.Connect(ctx, *them); err != nil {
			return err
		}
		select {
		case <-identified[i%benchIdentities].Out():
		case <-time.After(deadline):
			return errors.New("no identify in time")
		}
		pinging, stop := context.WithCancel(ctx)
		result := <-ping.Ping(pinging, node, them.ID)
		stop()
		if result.Error != nil {
			return result.Error
		}
		if err := node.Network().ClosePeer(them.ID); err != nil {
			return err
		}
	}
	return nil
}
