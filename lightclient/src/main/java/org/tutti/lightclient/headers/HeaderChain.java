package org.tutti.lightclient.headers;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.block.ProofOfWork;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The tree of headers from genesis and its branch of most work.
///
/// A pure engine: headers and the time go in, a verdict comes out. Not thread-safe; one thread owns
/// it.
///
/// **Bounds.** A peer that can make headers cheaply (on regtest every peer) could fill memory with
/// branches. Headers off the best chain are at most [#MAX_SIDE_HEADERS]: above that the branch of
/// least work goes. The best chain itself is at most [#MAX_BEST_HEADERS] long. Blocks known as
/// invalid are remembered up to [#MAX_INVALID].
///
/// **Networks.** Those whose target never changes, which is regtest alone. The other networks'
/// retargeting is refused by the constructor until it is written, rather than done by half.
public final class HeaderChain {
    /// Most headers kept off the best chain.
    public static final int MAX_SIDE_HEADERS = 10_000;

    /// Longest best chain: a year of blocks, far above what a regtest chain has. A header takes
    /// about 330 bytes of memory, and a node is started with a heap of 160 MB.
    public static final int MAX_BEST_HEADERS = 52_560;

    /// Most invalid blocks remembered, the oldest forgotten first.
    public static final int MAX_INVALID = 1_000;

    /// How far a header's time may be ahead of ours (Bitcoin Core's MAX_FUTURE_BLOCK_TIME).
    public static final Duration MAX_FUTURE = Duration.ofHours(2);

    /// Headers whose median time a new one must exceed (Bitcoin Core's nMedianTimeSpan).
    private static final int MEDIAN_SPAN = 11;

    private final long bits;
    private final BigInteger limit;
    private final int maxSide;
    private final int maxBest;
    private final Map<BlockHash, HeaderEntry> entries = new HashMap<>();
    private final List<HeaderEntry> best = new ArrayList<>();
    private final Map<BlockHash, HeaderEntry> side = new LinkedHashMap<>();
    private final LinkedHashSet<BlockHash> invalid = new LinkedHashSet<>();
    private HeaderEntry pinned;

    /// @throws IllegalArgumentException if the network is one whose difficulty moves
    public HeaderChain(Network network) {
        this(network, MAX_SIDE_HEADERS, MAX_BEST_HEADERS);
    }

    /// @param maxSide most headers kept off the best chain
    /// @param maxBest longest best chain
    HeaderChain(Network network, int maxSide, int maxBest) {
        if (!network.difficulty().neverRetargets()) {
            throw new IllegalArgumentException(
                    "the header rules of " + network + " are not supported yet, only regtest's");
        }
        BlockHeader genesis = network.genesisHeader();
        this.bits = genesis.bits();
        this.limit = network.difficulty().limit();
        this.maxSide = maxSide;
        this.maxBest = maxBest;
        HeaderEntry root = new HeaderEntry(genesis, genesis.hash(), 0, genesis.work());
        entries.put(root.hash(), root);
        best.add(root);
        pinned = root;
    }

    /// The last header of the best chain.
    public HeaderEntry tip() {
        return best.getLast();
    }

    public Optional<HeaderEntry> find(BlockHash hash) {
        return Optional.ofNullable(entries.get(hash));
    }

    /// The header of the best chain at this height.
    ///
    /// @throws IndexOutOfBoundsException if the best chain has no such height
    public HeaderEntry at(int height) {
        return best.get(height);
    }

    public boolean isOnBestChain(HeaderEntry entry) {
        return entry.height() < best.size() && best.get(entry.height()).equals(entry);
    }

    /// The entry under this one. Genesis has none.
    public HeaderEntry parent(HeaderEntry entry) {
        return Objects.requireNonNull(entries.get(entry.header().previous()));
    }

    /// The highest header of the best chain that is this one or its ancestor.
    public HeaderEntry fork(HeaderEntry entry) {
        HeaderEntry at = entry;
        while (!isOnBestChain(at)) {
            at = parent(at);
        }
        return at;
    }

    /// The highest header that is `one` or its ancestor, and also `other` or its ancestor.
    public HeaderEntry common(HeaderEntry one, HeaderEntry other) {
        HeaderEntry a = one;
        HeaderEntry b = other;
        while (!a.equals(b)) {
            boolean bestA = isOnBestChain(a);
            boolean bestB = isOnBestChain(b);
            if (bestA && bestB) {
                return a.height() < b.height() ? a : b;
            }
            if (!bestA && (bestB || a.height() >= b.height())) {
                a = parent(a);
            } else {
                b = parent(b);
            }
        }
        return a;
    }

    /// The first `most` headers from height `from` up on the way to `goal`, lowest first; none
    /// where the goal lies lower.
    public List<HeaderEntry> ascent(HeaderEntry goal, int from, int most) {
        int to = Math.min(goal.height(), from + most - 1);
        HeaderEntry at = isOnBestChain(goal) ? best.get(to) : descend(goal, to);
        List<HeaderEntry> way = new ArrayList<>();
        while (at.height() >= from) {
            way.add(at);
            at = parent(at);
        }
        return way.reversed();
    }

    /// How many headers are kept off the best chain.
    public int sideHeaders() {
        return side.size();
    }

    /// Takes headers, each the child of the one before, as a peer sent them.
    ///
    /// @param now our time, for the bound on times in the future
    public HeaderVerdict accept(List<BlockHeader> headers, Instant now) {
        @Nullable HeaderEntry last = null;
        int added = 0;
        for (BlockHeader header : headers) {
            BlockHash hash = header.hash();
            HeaderEntry parent = entries.get(header.previous());
            if (last != null && !last.hash().equals(header.previous())) {
                return new HeaderVerdict.Refused(Rule.NOT_A_LIST, hash);
            }
            HeaderEntry known = entries.get(hash);
            if (known != null) {
                last = known;
                continue;
            }
            if (invalid.contains(hash) || invalid.contains(header.previous())) {
                return new HeaderVerdict.Refused(Rule.KNOWN_INVALID, hash);
            }
            if (parent == null) {
                return new HeaderVerdict.Unconnected(header.previous());
            }
            Optional<Rule> broken = check(header, hash, parent, now);
            if (broken.isPresent()) {
                return new HeaderVerdict.Refused(broken.get(), hash);
            }
            last =
                    new HeaderEntry(
                            header,
                            hash,
                            parent.height() + 1,
                            parent.chainWork().add(header.work()));
            if (!add(last)) {
                return new HeaderVerdict.Refused(Rule.NO_ROOM, hash);
            }
            added++;
        }
        return new HeaderVerdict.Accepted(last == null ? tip() : last, added);
    }

    private Optional<Rule> check(
            BlockHeader header, BlockHash hash, HeaderEntry parent, Instant now) {
        if (header.bits() != bits) {
            return Optional.of(Rule.WRONG_BITS);
        }
        if (!ProofOfWork.isMet(hash, bits, limit)) {
            return Optional.of(Rule.PROOF_OF_WORK);
        }
        if (header.time() <= medianTime(parent)) {
            return Optional.of(Rule.TIME_TOO_OLD);
        }
        if (header.time() > now.plus(MAX_FUTURE).getEpochSecond()) {
            return Optional.of(Rule.TIME_TOO_NEW);
        }
        return Optional.empty();
    }

    /// The median time of this header and the ten under it, in seconds since 1970: what the next
    /// one must exceed.
    public long medianTime(HeaderEntry entry) {
        long[] times = new long[Math.min(MEDIAN_SPAN, entry.height() + 1)];
        HeaderEntry at = entry;
        for (int i = 0; i < times.length; i++) {
            times[i] = at.header().time();
            if (i + 1 < times.length) {
                at = parent(at);
            }
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }

    private boolean add(HeaderEntry entry) {
        boolean better = entry.chainWork().compareTo(tip().chainWork()) > 0;
        if (better && entry.height() >= maxBest) {
            return false;
        }
        entries.put(entry.hash(), entry);
        if (better) {
            // Of two branches with the same work the one seen first stays.
            setTip(entry);
        } else {
            side.put(entry.hash(), entry);
        }
        if (side.size() > maxSide) {
            dropWeakestBranches();
        }
        return entries.containsKey(entry.hash());
    }

    private void setTip(HeaderEntry tip) {
        HeaderEntry fork = fork(tip);
        List<HeaderEntry> left = best.subList(fork.height() + 1, best.size());
        left.forEach(entry -> side.put(entry.hash(), entry));
        left.clear();
        List<HeaderEntry> branch = new ArrayList<>();
        for (HeaderEntry at = tip; !at.equals(fork); at = parent(at)) {
            branch.add(at);
            side.remove(at.hash());
        }
        best.addAll(branch.reversed());
    }

    /// Keeps this header and everything under it from being dropped when the tree is full: block
    /// sync is there. Replaces the header named before.
    public void pin(HeaderEntry entry) {
        pinned = entry;
    }

    /// Forgets side branches, those of least work first, until a tenth of the places is free. A
    /// branch goes from its leaf down to where another branch, or the best chain, also stands.
    private void dropWeakestBranches() {
        Map<BlockHash, Integer> children = new HashMap<>(Map.of(pinned.hash(), 1));
        side.values().forEach(entry -> children.merge(entry.header().previous(), 1, Integer::sum));
        List<HeaderEntry> leaves = new ArrayList<>(side.values());
        leaves.removeIf(entry -> children.containsKey(entry.hash()));
        leaves.sort((a, b) -> a.chainWork().compareTo(b.chainWork()));
        for (HeaderEntry leaf : leaves) {
            if (side.size() <= maxSide * 9L / 10) {
                return;
            }
            HeaderEntry at = leaf;
            do {
                HeaderEntry below = parent(at);
                entries.remove(at.hash());
                side.remove(at.hash());
                at = below;
            } while (side.containsKey(at.hash())
                    && children.merge(at.hash(), -1, Integer::sum) == 0);
        }
    }

    /// Takes a block found invalid out of the tree, with everything built on it. The best chain
    /// becomes the branch of most work among the rest.
    ///
    /// @throws IllegalArgumentException for genesis
    public void invalidate(BlockHash hash) {
        HeaderEntry root = entries.get(hash);
        if (root == null) {
            return;
        }
        if (root.height() == 0) {
            throw new IllegalArgumentException("genesis is never invalid");
        }
        if (isOnBestChain(root)) {
            List<HeaderEntry> above = best.subList(root.height(), best.size());
            above.forEach(entry -> side.put(entry.hash(), entry));
            above.clear();
        }
        List<HeaderEntry> byHeight = new ArrayList<>(side.values());
        byHeight.sort((a, b) -> Integer.compare(a.height(), b.height()));
        Set<BlockHash> gone = new HashSet<>(Set.of(hash));
        HeaderEntry strongest = tip();
        for (HeaderEntry entry : byHeight) {
            if (gone.contains(entry.header().previous())) {
                gone.add(entry.hash());
            } else if (!gone.contains(entry.hash())
                    && entry.chainWork().compareTo(strongest.chainWork()) > 0) {
                strongest = entry;
            }
        }
        entries.keySet().removeAll(gone);
        side.keySet().removeAll(gone);
        remember(gone);
        setTip(strongest);
    }

    private void remember(Collection<BlockHash> hashes) {
        invalid.addAll(hashes);
        while (invalid.size() > MAX_INVALID) {
            invalid.removeFirst();
        }
    }

    /// Hashes from this header down, the last ten one by one, then ever further apart, genesis
    /// last: what `getheaders` carries so that a peer on any fork finds a common block.
    public List<BlockHash> locator(HeaderEntry from) {
        List<BlockHash> hashes = new ArrayList<>();
        HeaderEntry at = from;
        int step = 1;
        while (at.height() > 0) {
            hashes.add(at.hash());
            if (hashes.size() >= 10) {
                step *= 2;
            }
            int next = Math.max(0, at.height() - step);
            at = isOnBestChain(at) ? best.get(next) : descend(at, next);
        }
        hashes.add(at.hash());
        return hashes;
    }

    private HeaderEntry descend(HeaderEntry from, int height) {
        HeaderEntry at = from;
        while (at.height() > height) {
            at = parent(at);
        }
        return at;
    }

    /// The headers of the best chain that follow the first hash of the locator that is on it, up to
    /// `stop` or `max`: the answer to a `getheaders`.
    public List<BlockHeader> after(List<BlockHash> locator, BlockHash stop, int max) {
        int from = 0;
        for (BlockHash hash : locator) {
            HeaderEntry entry = entries.get(hash);
            if (entry != null && isOnBestChain(entry)) {
                from = entry.height();
                break;
            }
        }
        List<BlockHeader> headers = new ArrayList<>();
        for (int height = from + 1; height < best.size() && headers.size() < max; height++) {
            headers.add(best.get(height).header());
            if (best.get(height).hash().equals(stop)) {
                break;
            }
        }
        return headers;
    }
}
