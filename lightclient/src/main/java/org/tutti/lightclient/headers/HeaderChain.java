package org.tutti.lightclient.headers;

import org.jspecify.annotations.Nullable;
import org.tutti.bitcoin.block.BlockHeader;
import org.tutti.bitcoin.hash.BlockHash;
import org.tutti.bitcoin.network.Network;
import org.tutti.lightclient.headers.HeaderVerdict.Rule;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// The tree of headers of one network and its branch of most work.
///
/// A pure engine over a [HeaderStore]: headers and the time go in, verdicts and events come out.
/// Not thread-safe; one thread owns it. No object is kept for a header: a [HeaderEntry] is made
/// when somebody asks for one.
///
/// **What counts.** The best chain is the branch of most work among those that are not invalid; of
/// two with the same work the one seen first. Height look-ups answer from it alone. On a signet a
/// branch counts only once its blocks were verified: [#unverified] says which, and [#blockVerified]
/// is told. While the best chain has less work than the network's minimum it says nothing about
/// payments ([#hasEnoughWork]).
///
/// **What is kept.** A branch is kept if it has at least the work of the network's minimum, and
/// that of the tip less 144 blocks of the tip's difficulty (Bitcoin Core,
/// `GetAntiDoSWorkThreshold`). With less, only what extends the best chain is kept, and only from
/// the one peer that we synchronise with; other peers get [HeaderVerdict.LowWork] and may show
/// enough work in one message of at most [#MAX_BATCH] headers, or over many messages in a
/// [WeighedBranch]. Where work is cheap (on regtest every peer has enough) headers off the best
/// chain are at most [#MAX_SIDE_HEADERS], and no chain is longer than 1.2 times what ten minutes a
/// block allow since genesis. Where other branches have taken all room, they are forgotten.
///
/// **What is told.** [#commit] makes the store force what was taken and then says how the best
/// chain moved since the last time: nobody hears of a header that a crash could still take away.
///
/// It is one file because it is one decision: whether a header is taken, kept, held or refused, and
/// what is best afterwards, depends on all of the tree. What does not need all of it is elsewhere:
/// the rules in [HeaderRules], the arrays in [HeaderTree] and [BestChain], the waiting headers in
/// [UnconnectedHeaders].
public final class HeaderChain {
    /// Most headers in one batch: as many as a `headers` message has.
    public static final int MAX_BATCH = 2_000;

    /// Most headers kept off the best chain where their work does not outweigh it.
    public static final int MAX_SIDE_HEADERS = 10_000;

    /// Most headers in the tree: 672 MB on disk, 115 MB in memory. Testnet3 had five millions in
    /// 2026.
    public static final int MAX_HEADERS = 8_000_000;

    /// How far a header's time may be ahead of ours (Bitcoin Core's MAX_FUTURE_BLOCK_TIME).
    public static final Duration MAX_FUTURE = HeaderRules.MAX_FUTURE;

    /// How many blocks of the tip's difficulty a branch may be behind the tip and still be kept.
    private static final int LOW_WORK_BLOCKS = 144;

    /// The length that a chain may have however young its genesis block is.
    private static final int LEAST_LENGTH_LIMIT = 52_560;

    private static final long SECONDS_PER_BLOCK = 600;

    private final Network network;
    private final HeaderStore store;
    private final ProofCheck proofCheck;
    private final int maxSide;
    private final int leastLength;
    private final HeaderRules rules;
    private final Work minimumWork;
    private final boolean verifiesBlocks;
    private final RawHeader raw = new RawHeader();
    private final HeaderTree tree;
    private final BestChain best;
    private final InvalidBlocks invalid;
    private final VerifiedBlocks verified;
    private final UnconnectedHeaders held = new UnconnectedHeaders();

    /// The header of most work, whether or not its blocks were verified.
    private int heaviest;

    /// The last block that somebody checked and stands on; -1 where nobody said.
    private int pinned = -1;

    /// The end of the best chain as [#commit] told it last.
    private int told;

    private final List<HeaderEvent> earlierEvents = new ArrayList<>();
    private int headersCutOff;

    private BranchState state;
    private int stateAt;
    private final long[] hashes = new long[MAX_BATCH * RawHeader.HASH_WORDS];

    /// Whether a hash meets a target; a test lets every hash.
    interface ProofCheck {
        boolean isMet(CompactTarget target, long[] hash, int at);
    }

    /// A chain in memory that begins with genesis.
    public HeaderChain(Network network, RandomGenerator random) {
        this(network, new MemoryHeaderStore(ChainStart.genesis(network)), random);
    }

    /// The chain that a store has. Headers at its end that do not belong to it are cut off.
    ///
    /// @param random for a secret number that spreads headers in memory
    /// @throws IllegalArgumentException if the store's start is not one of this network
    /// @throws HeaderStoreException if the store fails
    public HeaderChain(Network network, HeaderStore store, RandomGenerator random) {
        this(
                network,
                store,
                random.nextLong(),
                CompactTarget::isMetBy,
                MAX_SIDE_HEADERS,
                LEAST_LENGTH_LIMIT);
    }

    /// @param secret see [HeaderIndex]
    /// @param maxSide most headers kept off the best chain
    /// @param leastLength the length that a chain may have at least
    HeaderChain(
            Network network,
            HeaderStore store,
            long secret,
            ProofCheck proofCheck,
            int maxSide,
            int leastLength) {
        store.start()
                .fault(network)
                .ifPresent(fault -> {
                    throw new IllegalArgumentException("a chain cannot start here: " + fault);
                });
        this.network = network;
        this.store = store;
        this.proofCheck = proofCheck;
        this.maxSide = maxSide;
        this.leastLength = leastLength;
        this.rules = new HeaderRules(network);
        this.verifiesBlocks = network.signetChallenge().isPresent();
        ChainStart.Anchor anchor = store.start().anchor();
        boolean knowsAllWork = anchor.height() == 0 || anchor.workBelow().signum() > 0;
        this.minimumWork =
                Work.of(knowsAllWork ? network.difficulty().minimumChainWork() : BigInteger.ZERO);
        this.tree = new HeaderTree(store, secret);
        this.state = BranchState.at(store.start(), rules.limitBits());
        load();
        this.best = new BestChain(tree);
        this.invalid = new InvalidBlocks(tree);
        this.verified = new VerifiedBlocks(tree, best);
        replayMarks();
        told = best.tip();
    }

    // Loading.

    private void load() {
        byte[] header = new byte[BlockHeader.LENGTH];
        Work work = tree.workBelow();
        for (int position = 0; position < store.size(); position++) {
            store.copy(position, header, 0);
            raw.hash(header, 0, hashes, 0);
            int parent = position == 0 ? -1 : findPrevious(header, 0);
            CompactTarget target = tree.target(RawHeader.u32(header, RawHeader.BITS));
            boolean isLinked = position == 0 || (parent >= 0 && isMet(target, 0));
            if (target == null || !isLinked) {
                headersCutOff = store.size() - position;
                store.truncate(position);
                return;
            }
            if (position > 0 && parent != position - 1) {
                work = tree.work(parent);
            }
            work.add(target);
            tree.add(hashes, 0, parent, work);
        }
    }

    private boolean isMet(@Nullable CompactTarget target, int hash) {
        return target != null && proofCheck.isMet(target, hashes, hash);
    }

    /// The position of a header's parent, or -1. Mostly it is the header that was taken last.
    private int findPrevious(byte[] bytes, int offset) {
        return tree.isLastHash(bytes, offset + RawHeader.PREVIOUS)
                ? tree.size() - 1
                : tree.find(previous(bytes, offset), 0);
    }

    private void replayMarks() {
        List<HeaderStore.Mark> marks = store.marks();
        int verifiedTip = 0;
        for (HeaderStore.Mark mark : marks) {
            switch (mark.kind()) {
                case INVALID -> invalid.add(mark.block());
                case DECLARED_INVALID -> invalid.declare(mark.block());
                case RECONSIDERED -> invalid.remove(mark.block());
                case VERIFIED_TIP -> {
                    // Looked at below, once it is known what is invalid.
                }
            }
        }
        invalid.apply();
        for (HeaderStore.Mark mark : marks) {
            int position =
                    mark.kind() == HeaderStore.Mark.Kind.VERIFIED_TIP
                            ? tree.find(mark.block())
                            : -1;
            if (position >= 0) {
                verifiedTip = validAncestor(position);
            }
        }
        if (verifiesBlocks) {
            best.setTip(verifiedTip);
        }
        heaviest = heaviest();
        if (!verifiesBlocks) {
            best.setTip(heaviest);
        }
    }

    /// How many headers the constructor found damaged, or following such ones, and cut off.
    public int headersCutOff() {
        return headersCutOff;
    }

    // Look-ups.

    /// The last header of the best chain.
    public HeaderEntry tip() {
        return tree.entry(best.tip());
    }

    /// The header of most work, which on a signet may not count yet: what peers are asked to
    /// continue from.
    public HeaderEntry heaviestHeader() {
        return tree.entry(heaviest);
    }

    /// Whether the chain of most work has the work that the network's chain had at least when this
    /// was written. Before, a peer may be showing us a chain that it made itself.
    public boolean hasEnoughWork() {
        return tree.work(heaviest).compareTo(minimumWork) >= 0;
    }

    /// How many headers there are, on all branches.
    public int size() {
        return tree.size();
    }

    /// The height of the first header.
    public int startHeight() {
        return best.startHeight();
    }

    public Network network() {
        return network;
    }

    /// Whether a header is in the tree, valid or not. It always is, but for one that was
    /// [abandoned][#abandonAfter].
    public boolean contains(HeaderEntry entry) {
        return tree.find(entry.hash()) >= 0;
    }

    /// A header of any branch, unless it is known as invalid.
    public Optional<HeaderEntry> find(BlockHash hash) {
        int position = tree.find(hash);
        return position < 0 || tree.isInvalid(position)
                ? Optional.empty()
                : Optional.of(tree.entry(position));
    }

    /// The header of the best chain at this height.
    ///
    /// @throws IndexOutOfBoundsException if the best chain has no such height
    public HeaderEntry at(int height) {
        return tree.entry(best.at(height));
    }

    /// The hash of the best chain's header at this height: cheaper than [#at].
    ///
    /// @throws IndexOutOfBoundsException if the best chain has no such height
    public BlockHash hashAt(int height) {
        return tree.blockHash(best.at(height));
    }

    public boolean isOnBestChain(HeaderEntry entry) {
        int position = tree.find(entry.hash());
        return position >= 0 && best.contains(position);
    }

    /// The entry under this one. The first header has none.
    public HeaderEntry parent(HeaderEntry entry) {
        return tree.entry(tree.parent(position(entry)));
    }

    /// The highest header of the best chain that is this one or its ancestor.
    public HeaderEntry fork(HeaderEntry entry) {
        return tree.entry(best.fork(position(entry)));
    }

    /// The highest header that is `one` or its ancestor, and also `other` or its ancestor.
    public HeaderEntry common(HeaderEntry one, HeaderEntry other) {
        return tree.entry(tree.common(position(one), position(other)));
    }

    private int position(HeaderEntry entry) {
        int position = tree.find(entry.hash());
        if (position < 0) {
            throw new IllegalArgumentException("not in the tree: " + entry);
        }
        return position;
    }

    /// The first `most` headers from height `from` up on the way to `goal`, lowest first; none
    /// where the goal lies lower.
    public List<HeaderEntry> ascent(HeaderEntry goal, int from, int most) {
        int goalPosition = position(goal);
        int to = (int) Math.min(goal.height(), (long) from + most - 1);
        List<HeaderEntry> way = new ArrayList<>();
        if (to < from) {
            return way;
        }
        int at = ancestor(goalPosition, to);
        for (int height = to; height >= Math.max(from, startHeight()); height--) {
            way.add(tree.entry(at));
            at = tree.parent(at);
        }
        return way.reversed();
    }

    private int ancestor(int position, int height) {
        return best.contains(position) ? best.at(height) : tree.ancestor(position, height);
    }

    /// How many headers are kept off the best chain.
    public int sideHeaders() {
        return tree.size() - best.length();
    }

    /// The ends of all branches that are not invalid, that of most work first.
    ///
    /// @param most how many are wanted
    public List<HeaderEntry> tips(int most) {
        boolean[] hasChild = new boolean[tree.runs()];
        for (int run = 1; run < tree.runs(); run++) {
            int parent = tree.runParent(run);
            int below = tree.run(parent);
            hasChild[below] |= parent == tree.lastValid(below) && tree.lastValid(run) >= 0;
        }
        List<Integer> tips = new ArrayList<>();
        for (int run = 0; run < tree.runs(); run++) {
            if (!hasChild[run] && tree.lastValid(run) >= 0) {
                tips.add(tree.lastValid(run));
            }
        }
        return tips.stream()
                .sorted((a, b) -> tree.work(b).compareTo(tree.work(a)))
                .limit(most)
                .map(tree::entry)
                .toList();
    }

    /// The median time of this header and the ten under it, in seconds since 1970: what the next
    /// one must exceed.
    public long medianTime(HeaderEntry entry) {
        return stateAt(position(entry)).medianTime();
    }

    // Headers that arrive.

    /// Takes headers, each the child of the one before.
    ///
    /// @param now our time, for the bound on times in the future
    /// @throws IllegalArgumentException if there are more than [#MAX_BATCH]
    public HeaderVerdict accept(HeaderSource source, List<BlockHeader> headers, Instant now) {
        return accept(source, HeaderBatch.of(headers), now);
    }

    /// Takes headers, each the child of the one before.
    ///
    /// @param source who gave them
    /// @param now our time, for the bound on times in the future
    /// @throws IllegalArgumentException if there are more than [#MAX_BATCH]
    /// @throws HeaderStoreException if they cannot be stored; nothing was taken then
    public HeaderVerdict accept(HeaderSource source, HeaderBatch batch, Instant now) {
        return accept(source, batch, false, now);
    }

    private static void requireSize(HeaderBatch batch) {
        if (batch.size() > MAX_BATCH) {
            throw new IllegalArgumentException(batch.size() + " headers, at most " + MAX_BATCH);
        }
    }

    /// @param isWeighed whether they are part of a branch that is known to outweigh the best chain
    private HeaderVerdict accept(
            HeaderSource source, HeaderBatch batch, boolean isWeighed, Instant now) {
        requireSize(batch);
        int known = -1;
        int first = 0;
        while (first < batch.size()) {
            int found = findInBatch(batch, first);
            if (first > 0 && !isLinked(batch, first)) {
                return refused(Rule.NOT_A_LIST, first, tree.height(known) + 1);
            }
            if (found < 0) {
                break;
            }
            if (tree.isInvalid(found)) {
                return refused(invalid.rule(found), first, tree.height(found));
            }
            known = found;
            first++;
        }
        if (first == batch.size()) {
            return new HeaderVerdict.Known(known < 0 ? tip() : tree.entry(known));
        }
        int parent = first > 0 ? known : findPrevious(batch.bytes(), batch.offset(first));
        if (parent < 0) {
            held.hold(source, batch);
            return new HeaderVerdict.Unconnected(
                    HeaderTree.blockHash(previous(batch.bytes(), batch.offset(0)), 0));
        }
        if (tree.isInvalid(parent)) {
            return refused(invalid.rule(parent), first, tree.height(parent) + 1);
        }
        if (tree.size() + batch.size() > maxSize(now) && dropSideHeaders(parent)) {
            return accept(source, batch, isWeighed, now);
        }
        Candidate candidate =
                new Candidate(batch, first, stateAt(parent), tree.work(parent), tree.size(), now);
        return acceptNew(source, candidate, parent, isWeighed);
    }

    /// A branch of which a peer showed too little work, to be [weighed][#weigh] as it shows more.
    ///
    /// @param fork the header that it follows
    public WeighedBranch branchAt(HeaderEntry fork) {
        int position = position(fork);
        return new WeighedBranch(fork, stateAt(position), tree.work(position));
    }

    /// Whether headers are for a branch: the next ones to weigh, or the next ones to store.
    public boolean isPartOf(WeighedBranch branch, HeaderBatch batch) {
        return branch.outweighs() ? branch.isNextPart(batch, raw) : branch.next(batch) >= 0;
    }

    /// Takes headers that are [part][#isPartOf] of a branch: stores them if it outweighs the best
    /// chain, weighs them otherwise. The end of a branch that is stored is taken as any headers
    /// are.
    ///
    /// @return [HeaderVerdict.Weighed] if they were weighed
    /// @throws IllegalArgumentException if there are too many, or they are no part of it
    /// @throws HeaderStoreException if they cannot be stored; nothing was taken then
    public HeaderVerdict accept(
            WeighedBranch branch, HeaderSource source, HeaderBatch batch, Instant now) {
        requireSize(batch);
        if (!isPartOf(branch, batch)) {
            throw new IllegalArgumentException("no part of the branch from " + branch.fork());
        }
        if (!branch.outweighs()) {
            return weigh(branch, batch, now);
        }
        HeaderVerdict verdict = accept(source, batch, true, now);
        if (verdict instanceof HeaderVerdict.Accepted) {
            branch.partStored();
        }
        return verdict;
    }

    private HeaderVerdict weigh(WeighedBranch branch, HeaderBatch batch, Instant now) {
        int first = branch.next(batch);
        hashInBatch(batch, first);
        Candidate candidate =
                new Candidate(batch, first, branch.end(), branch.work(), branch.headers(), now);
        Rule broken = candidate.check();
        if (candidate.count > 0) {
            boolean isEnough =
                    candidate.work.compareTo(minimumWork) >= 0
                            && candidate.work.compareTo(tree.work(measuredAt())) > 0;
            branch.add(
                    hashes,
                    first * RawHeader.HASH_WORDS,
                    candidate.count,
                    candidate.end,
                    candidate.work,
                    isEnough);
        }
        return broken == null
                ? new HeaderVerdict.Weighed(branch.fork(), branch.headers(), branch.outweighs())
                : refused(broken, first + candidate.count, candidate.end.height + 1);
    }

    /// New headers of a batch, checked one by one.
    private final class Candidate {
        final HeaderBatch batch;
        final int first;
        final long now;
        final BranchState end;
        final Work work;
        final int besides;

        /// How many keep all rules.
        int count;

        /// @param end the state of the rules before them
        /// @param work of all below them
        /// @param besides how many headers there are that take room
        Candidate(
                HeaderBatch batch,
                int first,
                BranchState end,
                Work work,
                int besides,
                Instant now) {
            this.batch = batch;
            this.first = first;
            this.now = now.getEpochSecond();
            this.end = end.copy();
            this.work = work.copy();
            this.besides = besides;
        }

        /// Checks header after header until one breaks a rule.
        @Nullable Rule check() {
            for (int i = first; i < batch.size(); i++) {
                if (i > first) {
                    hashInBatch(batch, i);
                    if (!isLinked(batch, i)) {
                        return Rule.NOT_A_LIST;
                    }
                }
                Rule broken = checkOne(batch.bytes(), batch.offset(i), i * RawHeader.HASH_WORDS);
                if (broken != null) {
                    return broken;
                }
                count++;
            }
            return null;
        }

        private @Nullable Rule checkOne(byte[] bytes, int offset, int hash) {
            long bits = RawHeader.u32(bytes, offset + RawHeader.BITS);
            long time = RawHeader.u32(bytes, offset + RawHeader.TIME);
            // The target comes from the chain; what the header says must be the same.
            if (bits != rules.expectedBits(end, time)) {
                return Rule.WRONG_BITS;
            }
            CompactTarget target = tree.target(bits);
            // Before the rules that an honest peer's clock can break.
            if (target == null || !isMet(target, hash)) {
                return Rule.PROOF_OF_WORK;
            }
            Rule broken =
                    rules.broken(end, RawHeader.i32(bytes, offset + RawHeader.VERSION), time, now);
            if (broken != null) {
                return broken;
            }
            if (invalid.hasAbsent(hashes, hash)) {
                return invalid.ruleOfAbsent(hashes, hash);
            }
            if (!hasRoom(end.height + 1)) {
                return Rule.NO_ROOM;
            }
            end.push(time, bits);
            work.add(target);
            return null;
        }

        private boolean hasRoom(int height) {
            boolean provesItself =
                    minimumWork.compareTo(new Work()) > 0
                            && !verifiesBlocks
                            && work.compareTo(minimumWork) >= 0;
            long size = (long) besides + count;
            return provesItself
                    ? size < MAX_HEADERS
                    : size < maxSizeWhereCheap(now) && height <= lengthLimit(now);
        }
    }

    /// The greatest height of a chain whose work proves nothing.
    private long lengthLimit(long now) {
        long byTime = (now - network.genesisHeader().time()) / SECONDS_PER_BLOCK;
        return Math.max(leastLength, Math.max(byTime, network.knownHeight()) * 6 / 5);
    }

    /// Where work is cheap a reorganisation is too, and each leaves headers behind.
    private long maxSizeWhereCheap(long now) {
        return Math.min(MAX_HEADERS, 2 * lengthLimit(now));
    }

    private long maxSize(Instant now) {
        boolean isCheap =
                verifiesBlocks || minimumWork.compareTo(new Work()) == 0 || !hasEnoughWork();
        return isCheap ? maxSizeWhereCheap(now.getEpochSecond()) : MAX_HEADERS;
    }

    /// Makes room where other branches have taken all: forgets every header but those of the best
    /// chain, the heaviest one, the one that somebody stands on, and the one that `keep` ends. They
    /// are moved to the places that became free; a crash in between leaves a beginning of them, and
    /// the rest is fetched again.
    ///
    /// @return whether there is more room now
    private boolean dropSideHeaders(int keep) {
        BitSet kept = new BitSet(tree.size());
        int[] ends = {keep, best.tip(), heaviest, told, Math.max(0, pinned)};
        for (int end : ends) {
            for (int at = end; at >= 0 && !kept.get(at); at = tree.parent(at)) {
                kept.set(at);
            }
        }
        int firstGap = kept.nextClearBit(0);
        if (firstGap >= tree.size()) {
            return false;
        }
        BlockHash oldBest = tree.blockHash(best.tip());
        BlockHash oldTold = tree.blockHash(told);
        BlockHash oldHeaviest = tree.blockHash(heaviest);
        @Nullable BlockHash oldPinned = pinned >= 0 ? tree.blockHash(pinned) : null;
        List<BlockHash> oldVerified = verified.blocks();
        byte[] moved = new byte[(kept.cardinality() - firstGap) * BlockHeader.LENGTH];
        int length = 0;
        for (int at = kept.nextSetBit(firstGap); at >= 0; at = kept.nextSetBit(at + 1)) {
            store.copy(at, moved, length);
            length += BlockHeader.LENGTH;
        }
        int events = earlierEvents.size();
        truncate(firstGap);
        for (int at = 0; at < moved.length; at += BlockHeader.LENGTH) {
            readd(moved, at);
        }
        earlierEvents.subList(events, earlierEvents.size()).clear();
        best.setTip(tree.find(oldBest));
        told = tree.find(oldTold);
        pinned = oldPinned == null ? -1 : tree.find(oldPinned);
        oldVerified.stream().mapToInt(tree::find).filter(at -> at >= 0).forEach(verified::add);
        invalid.apply();
        heaviest = tree.find(oldHeaviest);
        return true;
    }

    private void readd(byte[] bytes, int at) {
        int parent = findPrevious(bytes, at);
        Work work = tree.work(parent);
        work.add(tree.requireTarget(RawHeader.u32(bytes, at + RawHeader.BITS)));
        raw.hash(bytes, at, hashes, 0);
        store.append(bytes, at, 1);
        tree.add(hashes, 0, parent, work);
    }

    private HeaderVerdict acceptNew(
            HeaderSource source, Candidate candidate, int parent, boolean isWeighed) {
        Rule broken = candidate.check();
        HeaderVerdict verdict =
                candidate.count == 0 ? null : keep(source, candidate, parent, isWeighed);
        int next = candidate.first + candidate.count;
        if (broken != null && (verdict == null || verdict instanceof HeaderVerdict.Accepted)) {
            return refused(broken, next, candidate.end.height + 1);
        }
        if (verdict == null) {
            throw new IllegalStateException("no header and no broken rule");
        }
        return verdict;
    }

    private HeaderVerdict keep(
            HeaderSource source, Candidate candidate, int parent, boolean isWeighed) {
        boolean extendsHeaviest = parent == heaviest;
        boolean isHeavier = candidate.work.compareTo(tree.work(heaviest)) > 0;
        Work required = requiredWork();
        boolean isFollowed =
                isWeighed
                        || switch (source) {
                            case HeaderSource.SyncPeer _ -> extendsHeaviest;
                            case HeaderSource.OtherPeer _ -> false;
                            case HeaderSource.Operator _ -> true;
                        };
        boolean isSide = !extendsHeaviest && (!isHeavier || verifiesBlocks);
        boolean hasNoRoom = isSide && besideHeaviest() + candidate.count > sideRoom(candidate.work);
        if (!isFollowed && (hasNoRoom || candidate.work.compareTo(required) < 0)) {
            return new HeaderVerdict.LowWork(
                    tree.entry(parent), candidate.work.toNumber(), required.toNumber());
        }
        int oldTip = best.tip();
        int last = add(candidate, parent);
        if (!isHeavier) {
            return new HeaderVerdict.ForkExtended(tree.entry(last), candidate.count);
        }
        heaviest = last;
        if (verifiesBlocks) {
            return new HeaderVerdict.Unverified(tree.entry(last), candidate.count);
        }
        best.setTip(last);
        return parent == oldTip
                ? new HeaderVerdict.Extended(tree.entry(last), candidate.count)
                : new HeaderVerdict.Reorganized(
                        tree.entry(tree.common(oldTip, last)), tree.entry(last), candidate.count);
    }

    /// Bitcoin Core, `GetAntiDoSWorkThreshold`: measured at the last block that was checked, where
    /// somebody checks blocks; headers alone are cheap where work is cheap.
    private Work requiredWork() {
        int from = measuredAt();
        Work near = tree.work(from).minus(tree.targetOf(from), LOW_WORK_BLOCKS);
        return near.compareTo(minimumWork) > 0 ? near : minimumWork;
    }

    /// The header that a branch must outweigh to be looked for, whatever else was announced: the
    /// last one that somebody checked, or the tip.
    private int measuredAt() {
        return pinned >= 0 ? pinned : best.tip();
    }

    private int besideHeaviest() {
        return tree.size() - (tree.height(heaviest) - startHeight() + 1);
    }

    /// How many headers may be off the heaviest chain. What outweighs the chain whose blocks were
    /// checked finds room where other branches no longer do.
    private int sideRoom(Work work) {
        boolean outweighs = pinned >= 0 && work.compareTo(tree.work(pinned)) > 0;
        return (int) Math.min(MAX_HEADERS, outweighs ? 10L * maxSide : maxSide);
    }

    /// Stores headers and puts them into the tree.
    ///
    /// @return the last one's position
    private int add(Candidate candidate, int firstParent) {
        HeaderBatch batch = candidate.batch;
        store.append(batch.bytes(), batch.offset(candidate.first), candidate.count);
        Work work = tree.work(firstParent);
        int parent = firstParent;
        for (int i = candidate.first; i < candidate.first + candidate.count; i++) {
            work.add(
                    tree.requireTarget(
                            RawHeader.u32(batch.bytes(), batch.offset(i) + RawHeader.BITS)));
            tree.add(hashes, i * RawHeader.HASH_WORDS, parent, work);
            parent = tree.size() - 1;
        }
        state = candidate.end;
        stateAt = parent;
        return parent;
    }

    private HeaderVerdict refused(Rule rule, int index, int height) {
        return new HeaderVerdict.Refused(
                rule, HeaderTree.blockHash(hashes, index * RawHeader.HASH_WORDS), height);
    }

    private int findInBatch(HeaderBatch batch, int index) {
        hashInBatch(batch, index);
        return tree.find(hashes, index * RawHeader.HASH_WORDS);
    }

    private void hashInBatch(HeaderBatch batch, int index) {
        raw.hash(batch.bytes(), batch.offset(index), hashes, index * RawHeader.HASH_WORDS);
    }

    /// Whether a header of a batch names the one before it as its parent.
    private boolean isLinked(HeaderBatch batch, int index) {
        int before = (index - 1) * RawHeader.HASH_WORDS;
        int previous = batch.offset(index) + RawHeader.PREVIOUS;
        return RawHeader.isHash(batch.bytes(), previous, hashes, before);
    }

    private static long[] previous(byte[] bytes, int offset) {
        long[] words = new long[RawHeader.HASH_WORDS];
        for (int word = 0; word < words.length; word++) {
            words[word] = RawHeader.i64(bytes, offset + RawHeader.PREVIOUS + 8 * word);
        }
        return words;
    }

    /// The state of the rules after a header. The one asked for last is kept: the next headers
    /// mostly follow it.
    private BranchState stateAt(int position) {
        if (position != stateAt) {
            state = BranchState.at(tree, position, store.start(), rules);
            stateAt = position;
        }
        return state;
    }

    /// Headers that waited for their parent, which is known now: to be given to [#accept] again.
    public Optional<UnconnectedBatch> nextConnected() {
        return held.take(batch -> {
            int parent = findPrevious(batch.bytes(), 0);
            return parent >= 0 && !tree.isInvalid(parent);
        });
    }

    /// Drops what is held of a peer that is gone.
    public void forgetPeer(long peer) {
        held.forget(peer);
    }

    // What counts.

    /// Names the last block that somebody checked and stands on: what a branch must outweigh is
    /// measured there. Replaces the header named before.
    public void pin(HeaderEntry entry) {
        pinned = position(entry);
    }

    /// Takes a block found invalid out of the best chain, with everything built on it, until it is
    /// reconsidered. The best chain becomes the branch of most work among the rest.
    ///
    /// @return whether the tree has the block; where it does not, it is refused when it comes
    /// @throws IllegalArgumentException for the first header
    public boolean invalidate(BlockHash hash) {
        int position = positionToInvalidate(hash);
        store.mark(new HeaderStore.Mark(HeaderStore.Mark.Kind.INVALID, hash));
        invalid.add(hash);
        findBest();
        return position >= 0;
    }

    /// As [#invalidate], because our owner says so: it is never forgotten because peers make other
    /// invalid blocks, and is held against no peer that has the block.
    ///
    /// @throws IllegalArgumentException for the first header, and if too many are declared invalid
    public boolean declareInvalid(BlockHash hash) {
        int position = positionToInvalidate(hash);
        if (!invalid.declare(hash)) {
            throw new IllegalArgumentException(
                    InvalidBlocks.MAX_DECLARED + " blocks are declared invalid already");
        }
        store.mark(new HeaderStore.Mark(HeaderStore.Mark.Kind.DECLARED_INVALID, hash));
        findBest();
        return position >= 0;
    }

    private int positionToInvalidate(BlockHash hash) {
        int position = tree.find(hash);
        if (position == 0) {
            throw new IllegalArgumentException("genesis is never invalid");
        }
        return position;
    }

    /// Lets a block count again that was [invalidated][#invalidate], with its ancestors and all
    /// that follows it (Bitcoin Core, `ResetBlockFailureFlags`).
    ///
    /// @return whether anything was invalid because of it
    public boolean reconsider(BlockHash hash) {
        List<BlockHash> roots = invalid.onOneBranchWith(hash);
        for (BlockHash root : roots) {
            store.mark(new HeaderStore.Mark(HeaderStore.Mark.Kind.RECONSIDERED, root));
            invalid.remove(root);
        }
        findBest();
        return !roots.isEmpty();
    }

    private void findBest() {
        invalid.apply();
        heaviest = heaviest();
        if (!verifiesBlocks) {
            best.setTip(heaviest);
            return;
        }
        best.setTip(validAncestor(best.tip()));
        countVerified();
    }

    /// The highest header that is the given one or its ancestor and not invalid.
    private int validAncestor(int position) {
        int at = position;
        while (tree.isInvalid(at)) {
            at = tree.parent(at);
        }
        return at;
    }

    /// The valid header of most work; of several the one that was best, or came first.
    private int heaviest() {
        int found = tree.isInvalid(best.tip()) ? 0 : best.tip();
        Work most = tree.work(found);
        for (int run = 0; run < tree.runs(); run++) {
            int last = tree.lastValid(run);
            if (last >= 0) {
                Work work = tree.work(last);
                if (work.compareTo(most) > 0) {
                    found = last;
                    most = work;
                }
            }
        }
        return found;
    }

    /// A block was fetched whole and all that can be checked of it holds; on a signet its solution
    /// too. Networks other than signets do not need to be told.
    ///
    /// @return whether the tip moved
    public boolean blockVerified(BlockHash hash) {
        int position = tree.find(hash);
        if (!verifiesBlocks || position < 0 || tree.isInvalid(position)) {
            return false;
        }
        verified.add(position);
        return countVerified();
    }

    private boolean countVerified() {
        int tip = verified.bestTip();
        if (tip == best.tip()) {
            return false;
        }
        best.setTip(tip);
        store.mark(new HeaderStore.Mark(HeaderStore.Mark.Kind.VERIFIED_TIP, tree.blockHash(tip)));
        return true;
    }

    /// The blocks to verify before the header of most work is the tip, the lowest first; none on
    /// networks other than signets.
    ///
    /// @param most how many are wanted
    public List<HeaderEntry> unverified(int most) {
        if (!verifiesBlocks || heaviest == best.tip()) {
            return List.of();
        }
        return verified.missing(heaviest, most).stream().map(tree::entry).toList();
    }

    /// The blocks to verify before this header may be the tip, the lowest first; none on networks
    /// other than signets, and where it has no more work than the tip.
    ///
    /// @param most how many are wanted
    public List<HeaderEntry> unverified(HeaderEntry goal, int most) {
        int position = position(goal);
        if (!verifiesBlocks || tree.work(position).compareTo(tree.work(best.tip())) <= 0) {
            return List.of();
        }
        return verified.missing(position, most).stream().map(tree::entry).toList();
    }

    /// Whether nothing that counts is lost by [#abandonAfter].
    public boolean mayAbandonAfter(HeaderEntry keep) {
        boolean goesOn = best.tip() > position(keep);
        return !goesOn || !(verifiesBlocks || hasEnoughWork());
    }

    /// Forgets every header that was taken after this one: a peer showed a long chain that leads
    /// nowhere, and another peer is to be followed from here.
    ///
    /// @throws IllegalArgumentException if headers that count would be lost: those of a best chain
    ///   with enough work, or with verified blocks
    public void abandonAfter(HeaderEntry keep) {
        int size = position(keep) + 1;
        if (!mayAbandonAfter(keep)) {
            throw new IllegalArgumentException("the best chain goes on after " + keep);
        }
        truncate(size);
        findBest();
    }

    private void truncate(int size) {
        if (told >= size) {
            int left = tree.ancestorBelow(told, size);
            earlierEvents.addAll(way(told, left));
            told = left;
        }
        best.setTip(tree.ancestorBelow(best.tip(), size));
        store.truncate(size);
        tree.truncate(size);
        verified.truncate(size);
        heaviest = tree.ancestorBelow(best.tip(), size);
        pinned = pinned >= size ? -1 : pinned;
        state = BranchState.at(store.start(), rules.limitBits());
        stateAt = 0;
    }

    // What listeners hear.

    /// Has the store force what was taken, and says how the best chain moved since the last call.
    ///
    /// @throws HeaderStoreException if the store fails
    public List<HeaderEvent> commit() {
        store.force();
        List<HeaderEvent> events = new ArrayList<>(earlierEvents);
        events.addAll(way(told, best.tip()));
        earlierEvents.clear();
        told = best.tip();
        return events;
    }

    /// The way from the block that a listener stored last to the tip; nothing if the tree does not
    /// have that block any more: then the listener starts anew.
    public Optional<List<HeaderEvent>> way(BlockHash from) {
        int position = tree.find(from);
        return position < 0 ? Optional.empty() : Optional.of(way(position, best.tip()));
    }

    private List<HeaderEvent> way(int from, int to) {
        int fork = tree.common(from, to);
        List<HeaderEvent> events = new ArrayList<>();
        if (fork != from) {
            events.add(new HeaderEvent.Disconnected(tree.entry(from), tree.entry(fork)));
        }
        if (fork != to) {
            events.add(new HeaderEvent.Connected(tree.entry(fork), tree.entry(to)));
        }
        return events;
    }

    // What peers are told.

    /// Hashes from this header down, the last ten one by one, then ever further apart, the first
    /// header last: what `getheaders` carries so that a peer on any fork finds a common block.
    public List<BlockHash> locator(HeaderEntry from) {
        List<BlockHash> hashes = new ArrayList<>();
        int at = position(from);
        int height = from.height();
        int step = 1;
        while (height > startHeight()) {
            hashes.add(tree.blockHash(at));
            if (hashes.size() >= 10) {
                step *= 2;
            }
            height = Math.max(startHeight(), height - step);
            at = ancestor(at, height);
        }
        hashes.add(tree.blockHash(at));
        return hashes;
    }

    /// The headers of the best chain that follow the first hash of the locator that is on it, up to
    /// `stop` or `max`: the answer to a `getheaders`.
    public List<BlockHeader> after(List<BlockHash> locator, BlockHash stop, int max) {
        int from = startHeight();
        for (BlockHash hash : locator) {
            int position = tree.find(hash);
            if (position >= 0 && best.contains(position)) {
                from = tree.height(position);
                break;
            }
        }
        List<BlockHeader> headers = new ArrayList<>();
        for (int height = from + 1; height <= best.tipHeight() && headers.size() < max; height++) {
            int position = best.at(height);
            headers.add(tree.header(position));
            if (tree.blockHash(position).equals(stop)) {
                break;
            }
        }
        return headers;
    }
}
