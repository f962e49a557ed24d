package org.tutti.node.daemon;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.address.Address;
import org.tutti.bitcoin.address.AddressException;
import org.tutti.bitcoin.descriptor.DescriptorException;
import org.tutti.bitcoin.descriptor.MusigDescriptor;
import org.tutti.bitcoin.network.Network;
import org.tutti.bitcoin.script.Script;
import org.tutti.coordinator.event.CoordinatorException;
import org.tutti.coordinator.group.GroupDescriptor;
import org.tutti.coordinator.group.GroupFailure;
import org.tutti.coordinator.group.GroupRecord;
import org.tutti.coordinator.group.GroupView;
import org.tutti.coordinator.message.GroupForm;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.ProposalDraft;
import org.tutti.coordinator.message.ProposalId;
import org.tutti.coordinator.service.GroupCoordinator;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.GroupExport;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.Groups;
import org.tutti.node.api.GroupsApi;
import org.tutti.node.config.ContactNames;
import org.tutti.node.files.IoReason;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;

/// What a running node answers about groups with others: reads texts and numbers into the
/// coordinator's types, and writes these as texts and numbers.
///
/// Threads: any number at once; no state of its own.
final class GroupsService implements GroupsApi {
    /// Most groups listed.
    private static final int MAX_LISTED = 200;

    private static final Pattern PREFIX = Pattern.compile("[0-9a-f]{8,64}");

    /// What the others are told where a person gives no reason.
    private static final String NO_REASON = "no reason given";

    private static final int MAX_REASON = 200;

    /// Blocks by which a birthday may be ahead of this node's chain: a day.
    private static final int MAX_AHEAD = 144;

    private final GroupCoordinator groups;
    private final Network network;
    private final ContactNames names;
    private final Function<PublicKey, Optional<PeerId>> adverts;
    private final IntSupplier tip;

    /// @param adverts the peer that the advert of a key names
    /// @param tip the height of this node's chain
    GroupsService(
            GroupCoordinator groups,
            Network network,
            ContactNames names,
            Function<PublicKey, Optional<PeerId>> adverts,
            IntSupplier tip) {
        this.groups = groups;
        this.adverts = adverts;
        this.network = network;
        this.names = names;
        this.tip = tip;
    }

    @Override
    public GroupInfo proposeGroup(GroupOrder order) throws ApiException {
        long seconds = order.expirySeconds().orElse(GroupOrder.DEFAULT_EXPIRY_SECONDS);
        if (seconds < 1 || seconds > GroupOrder.MAX_EXPIRY_SECONDS) {
            throw bad("expirySeconds: 1 to " + GroupOrder.MAX_EXPIRY_SECONDS + ", not " + seconds);
        }
        long birthday = order.birthday().orElse((long) Math.max(0, tip.getAsInt()));
        if (birthday < 0 || birthday > Integer.MAX_VALUE) {
            throw bad("birthday: a height, not " + birthday);
        }
        Optional<GroupDescriptor> previous = Optional.empty();
        if (order.after().isPresent()) {
            previous = Optional.of(formed(find(order.after().get())));
        } else if (order.leaves().orElse(false)) {
            throw bad("leaves: only of a group that follows another");
        }
        List<Proposal.Member> members =
                members(order.members(), previous, order.leaves().orElse(false));
        Optional<ProposalDraft.After> after = Optional.empty();
        if (previous.isPresent()) {
            Bytes followed = previous.get().id();
            after = Optional.of(call(() -> groups.after(followed, members)));
        }
        ProposalDraft draft =
                new ProposalDraft(
                        order.name(),
                        members,
                        order.fixed().orElse(false) ? GroupForm.FIXED : GroupForm.EXTENDED,
                        (int) birthday,
                        Duration.ofSeconds(seconds),
                        after);
        Proposal made = call(() -> groups.propose(draft, order.policy().orElse("")));
        return info(view(made.id()));
    }

    private List<Proposal.Member> members(
            List<String> texts, Optional<GroupDescriptor> previous, boolean leaves)
            throws ApiException {
        List<Proposal.Member> members = new ArrayList<>();
        for (String text : texts) {
            members.add(member(text, previous));
        }
        if (!leaves && members.stream().noneMatch(member -> member.key().equals(groups.key()))) {
            members.add(call(() -> groups.member(groups.key())).orElseThrow());
        }
        return members;
    }

    /// @param previous the group that is followed: its members' first peers are known
    private Proposal.Member member(String text, Optional<GroupDescriptor> previous)
            throws ApiException {
        int at = text.indexOf('@');
        try {
            PublicKey key = names.key(at < 0 ? text : text.substring(0, at));
            if (at >= 0) {
                return new Proposal.Member(key, PeerId.parse(text.substring(at + 1)));
            }
            return call(() -> groups.member(key))
                    .or(() ->
                            previous.flatMap(group -> group.member(key))
                                    .map(one -> new Proposal.Member(one.key(), one.peer())))
                    .or(() -> adverts.apply(key).map(peer -> new Proposal.Member(key, peer)))
                    .orElseThrow(() ->
                            new ApiException(
                                    "NO_CONTACT",
                                    text
                                            + ": the peer of this key is not known here"
                                            + " yet; write KEY@PEER, find its advert, or be"
                                            + " connected to it once"));
        } catch (IllegalArgumentException e) {
            throw bad("members: " + e.getMessage());
        }
    }

    @Override
    public GroupInfo consentToGroup(String id, String policy) throws ApiException {
        GroupView found = find(id);
        ProposalId proposal = found.proposal().id();
        requireSeen(found.proposal().birthday());
        call(() -> {
            groups.consent(proposal, policy);
            return proposal;
        });
        return info(view(proposal));
    }

    /// What is paid before the birthday no member ever sees, and the proposer says when it is.
    private void requireSeen(int birthday) throws ApiException {
        int height = tip.getAsInt();
        if (birthday > height + MAX_AHEAD) {
            throw new ApiException(
                    "BIRTHDAY_AHEAD",
                    "coins would be looked for from block "
                            + birthday
                            + " on only, and this node's chain ends at "
                            + height);
        }
    }

    @Override
    public GroupInfo refuseGroup(String id, String reason) throws ApiException {
        if (reason.length() > MAX_REASON) {
            throw bad("reason: at most " + MAX_REASON + " characters");
        }
        GroupView found = find(id);
        ProposalId proposal = found.proposal().id();
        String text = reason.isBlank() ? NO_REASON : reason;
        call(() -> {
            if (found.own()) {
                groups.withdraw(proposal, text);
            } else {
                groups.refuse(proposal, "REFUSED_BY_OPERATOR", text);
            }
            return proposal;
        });
        return info(view(proposal));
    }

    @Override
    public Groups groups() throws ApiException {
        List<GroupInfo> all = new ArrayList<>();
        for (GroupView view : views()) {
            if (all.size() < MAX_LISTED) {
                all.add(info(view));
            }
        }
        return new Groups(all);
    }

    @Override
    public GroupInfo group(String id) throws ApiException {
        return info(find(id));
    }

    @Override
    public GroupExport exportGroup(String id) throws ApiException {
        GroupView found = find(id);
        GroupDescriptor group = formed(found);
        return new GroupExport(
                group.id().toHex(),
                text(group),
                address(group, network),
                group.birthday(),
                network.name(),
                group.encoding().toHex(),
                call(() -> groups.record(found.proposal().id())).encode().toHex());
    }

    @Override
    public GroupInfo importGroup(String record) throws ApiException {
        GroupRecord read;
        try {
            read = GroupRecord.parse(Bytes.fromHex(record));
        } catch (MessageException | IllegalArgumentException e) {
            throw new ApiException("BAD_RECORD", "not the record of a group: " + e.getMessage());
        }
        return info(view(call(() -> groups.adopt(read))));
    }

    private static GroupDescriptor formed(GroupView view) throws ApiException {
        return view.descriptor()
                .orElseThrow(() ->
                        new ApiException(
                                "NOT_FORMED",
                                "this node is in no such group, or not all members hold the"
                                        + " signatures of all yet: it has no address"));
    }

    /// What others import, made by our own reader of it: both must find the same addresses.
    private static String text(GroupDescriptor group) {
        try {
            MusigDescriptor read = MusigDescriptor.parse(group.expression());
            for (int path = 0; path < read.paths(); path++) {
                if (!read.script(path, 0).bytes().equals(group.outputScript(path == 1, 0))) {
                    throw new IllegalStateException("a descriptor of other addresses");
                }
            }
            return read.toText();
        } catch (DescriptorException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The first address that others pay to.
    static String address(GroupDescriptor group, Network network) {
        try {
            return Address.of(Script.of(group.outputScript(false, 0)), network).text();
        } catch (AddressException e) {
            throw new IllegalStateException(e); // Every Taproot output has one.
        }
    }

    private GroupView view(ProposalId id) throws ApiException {
        return call(() -> groups.group(id))
                .orElseThrow(() -> new ApiException("NO_SUCH_PROPOSAL", "it is over"));
    }

    private GroupView find(String id) throws ApiException {
        List<GroupView> found =
                views().stream()
                        .filter(view ->
                                begins(view.proposal().id().toString(), id)
                                        || view.descriptor()
                                                .filter(d -> begins(d.id().toHex(), id))
                                                .isPresent())
                        .toList();
        if (found.isEmpty()) {
            throw new ApiException(
                    "NO_SUCH_PROPOSAL", "no group " + id + " is known here, or it is over");
        }
        if (found.size() > 1) {
            throw new ApiException(
                    "AMBIGUOUS", found.size() + " begin with " + id + ": write more of it");
        }
        return found.getFirst();
    }

    private static boolean begins(String whole, String id) {
        return PREFIX.matcher(id).matches() && whole.startsWith(id);
    }

    private List<GroupView> views() throws ApiException {
        return call(groups::groups).stream()
                .sorted(
                        Comparator.comparing((GroupView view) -> view.proposal().header().made())
                                .reversed())
                .toList();
    }

    private GroupInfo info(GroupView view) {
        Proposal proposal = view.proposal();
        return new GroupInfo(
                proposal.id().toString(),
                view.own(),
                view.phase(),
                proposal.name(),
                proposal.form(),
                proposal.epoch(),
                proposal.birthday(),
                RequestReports.text(proposal.proposer()),
                RequestReports.time(proposal.header().made()),
                RequestReports.time(proposal.header().notAfter()),
                view.members().stream().map(this::member).toList(),
                view.leaving().stream().map(this::member).toList(),
                view.descriptor().map(group -> group.id().toHex()),
                view.descriptor().map(group -> address(group, network)),
                proposal.previous().map(Bytes::toHex),
                view.successor().map(Bytes::toHex),
                view.failure().map(GroupsService::failure));
    }

    private GroupInfo.Member member(GroupView.MemberView view) {
        String key = RequestReports.text(view.key());
        return new GroupInfo.Member(
                key,
                names.name(key),
                view.peer().toString(),
                view.self(),
                view.connected(),
                view.agreed(),
                view.policy(),
                view.sealed(),
                view.holds());
    }

    private static GroupInfo.Failure failure(GroupFailure failure) {
        return new GroupInfo.Failure(
                failure.code().name(), failure.reason(), RequestReports.texts(failure.culprits()));
    }

    /// Something that the coordinator is asked for.
    @FunctionalInterface
    private interface Asked<T> {
        T ask() throws CoordinatorException, IOException, InterruptedException;
    }

    private static <T> T call(Asked<T> asked) throws ApiException {
        try {
            return asked.ask();
        } catch (CoordinatorException e) {
            throw new ApiException(e.code().name(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new ApiException(
                    "KEY_NOT_KEPT", "the group's key cannot be kept: " + IoReason.of(e));
        } catch (InterruptedException | IllegalStateException e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new ApiException("STOPPING", "this node stops");
        }
    }

    private static ApiException bad(String reason) {
        return new ApiException("BAD_REQUEST", reason);
    }
}
