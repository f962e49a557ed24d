package org.tutti.node.daemon;

import org.tutti.lightclient.sync.SyncStatus;
import org.tutti.node.api.AddressInfo;
import org.tutti.node.api.AdvertOrder;
import org.tutti.node.api.AdvertWithdrawn;
import org.tutti.node.api.ApiException;
import org.tutti.node.api.ClockAccepted;
import org.tutti.node.api.ConflictAllowed;
import org.tutti.node.api.GroupExport;
import org.tutti.node.api.GroupInfo;
import org.tutti.node.api.GroupOrder;
import org.tutti.node.api.Groups;
import org.tutti.node.api.NodeApi;
import org.tutti.node.api.NodeStatus;
import org.tutti.node.api.PayRequest;
import org.tutti.node.api.PaymentResult;
import org.tutti.node.api.Payments;
import org.tutti.node.api.RecoveryAccepted;
import org.tutti.node.api.ReplaceRequest;
import org.tutti.node.api.RequestEnded;
import org.tutti.node.api.RequestInfo;
import org.tutti.node.api.RequestOrder;
import org.tutti.node.api.Requests;
import org.tutti.node.api.SessionEvents;
import org.tutti.node.api.SessionInfo;
import org.tutti.node.api.SessionWatch;
import org.tutti.node.api.Sessions;
import org.tutti.node.api.SignerInfo;
import org.tutti.node.api.SignerQuery;
import org.tutti.node.api.Signers;
import org.tutti.node.api.VouchInfo;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What a running node answers: what a group is asked goes to that group, what is asked about
/// requests to the coordinator, and a status has all of it.
///
/// Threads: any number at once; no state of its own.
final class NodeService implements NodeApi {
    /// Payments of each group that are listed at least, where there are many groups.
    private static final int MIN_OF_GROUP = 10;

    private final Base base;
    private final Optional<GroupService> group;
    private final Supplier<List<FormedGroup>> formed;
    private final Optional<RequestService> requests;

    /// What every node has.
    ///
    /// @param tip the chain's end
    /// @param chain how far it is followed
    /// @param refusals how many connections and streams were refused, by reason
    /// @param secrets how well they are kept now
    record Base(
            String network,
            String peerId,
            Supplier<ChainReports.Tip> tip,
            Supplier<SyncStatus> chain,
            Supplier<Map<String, Long>> refusals,
            Supplier<NodeStatus.Secrets> secrets) {}

    /// @param group the configured one
    /// @param formed those that strangers have formed
    NodeService(
            Base base,
            Optional<GroupService> group,
            Supplier<List<FormedGroup>> formed,
            Optional<RequestService> requests) {
        this.base = base;
        this.group = group;
        this.formed = formed;
        this.requests = requests;
    }

    /// All groups, the configured one first.
    private List<GroupService> all() throws ApiException {
        List<GroupService> all =
                Stream.concat(group.stream(), formed.get().stream().map(FormedGroup::service))
                        .toList();
        if (all.isEmpty()) {
            throw new ApiException(
                    "NO_GROUP",
                    "this node has no group: its configuration has no [[members]], and strangers"
                            + " have formed none with it");
        }
        return all;
    }

    /// The group that a user means.
    private GroupService group(Optional<String> name) throws ApiException {
        if (name.isEmpty() && group.isPresent()) {
            return group.get();
        }
        List<GroupService> meant = new ArrayList<>();
        for (GroupService one : all()) {
            if (one.formed().filter(f -> name.isEmpty() || f.isCalled(name.get())).isPresent()) {
                meant.add(one);
            }
        }
        if (meant.isEmpty()) {
            throw new ApiException(
                    "NO_SUCH_GROUP", "no group " + name.orElse("") + " is formed here");
        }
        if (meant.size() > 1) {
            throw new ApiException(
                    "AMBIGUOUS", meant.size() + " groups could be meant: name one by its id");
        }
        return meant.getFirst();
    }

    /// Something that is asked about a payment or a session.
    @FunctionalInterface
    private interface Asked<T> {
        T ask(GroupService group) throws ApiException;
    }

    /// Ids are those of one group: asked of each until one knows it.
    ///
    /// @param unknown the code of one that does not
    private <T> T ask(String unknown, Asked<T> asked) throws ApiException {
        Optional<ApiException> refused = Optional.empty();
        for (GroupService one : all()) {
            try {
                return asked.ask(one);
            } catch (ApiException e) {
                if (!e.code().equals(unknown)) {
                    throw e;
                }
                refused = Optional.of(e);
            }
        }
        throw refused.orElseThrow();
    }

    /// The group that has a payment.
    private GroupService ofPayment(String id) throws ApiException {
        List<GroupService> found = new ArrayList<>();
        for (GroupService one : all()) {
            if (one.hasPayment(id)) {
                found.add(one);
            }
        }
        if (found.size() > 1) {
            throw new ApiException("AMBIGUOUS", "payments of several groups are called " + id);
        }
        // Whichever is asked says that it has none.
        return found.isEmpty() ? all().getFirst() : found.getFirst();
    }

    private RequestService taken() throws ApiException {
        return requests.orElseThrow(() ->
                new ApiException(
                        "NO_REQUESTS",
                        "this node takes no requests: its configuration has no [requests]"));
    }

    @Override
    public NodeStatus status() throws ApiException {
        ChainReports.Tip last = base.tip().get();
        GroupService.State state = group.map(GroupService::state).orElse(GroupService.State.NONE);
        return new NodeStatus(
                base.network(),
                state.address(),
                base.peerId(),
                last.height(),
                last.height() < 0 ? Optional.empty() : Optional.of(last.hash()),
                state.members(),
                state.recovery(),
                state.balance(),
                state.coins(),
                state.payments(),
                state.sessions(),
                requests.isPresent()
                        ? Optional.of(requests.get().requests().requests())
                        : Optional.empty(),
                formed.get().isEmpty()
                        ? Optional.empty()
                        : Optional.of(formed.get().stream().map(FormedGroup::status).toList()),
                state.policy(),
                base.secrets().get(),
                base.refusals().get().entrySet().stream()
                        .map(refused ->
                                new NodeStatus.Refused(refused.getKey(), refused.getValue()))
                        .toList(),
                ChainReports.chain(base.chain().get()));
    }

    @Override
    public AddressInfo address(Optional<String> name) throws ApiException {
        return group(name).address();
    }

    @Override
    public Payments payments() throws ApiException {
        List<GroupService> groups = all();
        long each = Math.max(MIN_OF_GROUP, GroupService.MAX_LISTED / groups.size());
        return new Payments(
                groups.stream()
                        .flatMap(one -> one.payments().payments().stream().limit(each))
                        .toList());
    }

    @Override
    public NodeStatus.Payment payment(String id) throws ApiException {
        return ofPayment(id).payment(id);
    }

    @Override
    public PaymentResult pay(PayRequest request) throws ApiException {
        return group(request.group()).pay(request);
    }

    @Override
    public PaymentResult bump(ReplaceRequest request) throws ApiException {
        return ofPayment(request.id()).bump(request);
    }

    @Override
    public PaymentResult cancel(ReplaceRequest request) throws ApiException {
        return ofPayment(request.id()).cancel(request);
    }

    @Override
    public ClockAccepted acceptClock() throws ApiException {
        Optional<Instant> accepted = requests.map(RequestService::acceptClock);
        if (accepted.isPresent() && group.isEmpty() && formed.get().isEmpty()) {
            return new ClockAccepted(accepted.get().toString());
        }
        ClockAccepted last = all().getFirst().acceptClock();
        for (GroupService one : all().subList(1, all().size())) {
            last = one.acceptClock();
        }
        return last;
    }

    @Override
    public ConflictAllowed allowConflict(String session) throws ApiException {
        return ask("NO_SUCH_SESSION", one -> one.allowConflict(session));
    }

    @Override
    public RecoveryAccepted acceptRecovery(String peerId, String journal) throws ApiException {
        // A member of several groups has lost one journal, and asks each group.
        Optional<RecoveryAccepted> accepted = Optional.empty();
        ApiException refused = new ApiException("NO_SUCH_MEMBER", peerId + " is no other member");
        for (GroupService one : all()) {
            try {
                accepted = Optional.of(one.acceptRecovery(peerId, journal));
            } catch (ApiException e) {
                refused = e.code().equals("NO_SUCH_MEMBER") ? refused : e;
            }
        }
        if (accepted.isEmpty()) {
            throw refused;
        }
        return accepted.get();
    }

    @Override
    public RequestInfo createRequest(RequestOrder order) throws ApiException {
        return taken().createRequest(order);
    }

    @Override
    public Requests requests() throws ApiException {
        return taken().requests();
    }

    @Override
    public RequestInfo request(String id) throws ApiException {
        return taken().request(id);
    }

    @Override
    public RequestInfo joinRequest(String id) throws ApiException {
        return taken().joinRequest(id);
    }

    @Override
    public RequestEnded refuseRequest(String id, String reason) throws ApiException {
        return taken().refuseRequest(id, reason);
    }

    @Override
    public RequestEnded withdrawRequest(String id, String reason) throws ApiException {
        return taken().withdrawRequest(id, reason);
    }

    @Override
    public RequestEnded releaseRequest(String id) throws ApiException {
        return taken().releaseRequest(id);
    }

    @Override
    public RequestInfo startRound(String id, int round) throws ApiException {
        return taken().startRound(id, round);
    }

    @Override
    public SignerInfo advertise(AdvertOrder order) throws ApiException {
        return taken().signers().advertise(order);
    }

    @Override
    public AdvertWithdrawn withdrawAdvert() throws ApiException {
        return taken().signers().withdrawAdvert();
    }

    @Override
    public Signers findSigners(SignerQuery query) throws ApiException {
        return taken().signers().findSigners(query);
    }

    @Override
    public VouchInfo vouchFor(String key, long seconds) throws ApiException {
        return taken().signers().vouchFor(key, seconds);
    }

    @Override
    public SessionEvents signerEvents(SessionWatch watch) throws ApiException {
        return taken().signers().signerEvents(watch);
    }

    @Override
    public Sessions sessions() throws ApiException {
        return taken().sessions();
    }

    @Override
    public SessionInfo session(String id) throws ApiException {
        return taken().session(id);
    }

    @Override
    public SessionEvents sessionEvents(SessionWatch watch) throws ApiException {
        return taken().sessionEvents(watch);
    }

    @Override
    public GroupInfo proposeGroup(GroupOrder order) throws ApiException {
        return taken().groups().proposeGroup(order);
    }

    @Override
    public GroupInfo consentToGroup(String id, String policy) throws ApiException {
        return taken().groups().consentToGroup(id, policy);
    }

    @Override
    public GroupInfo refuseGroup(String id, String reason) throws ApiException {
        return taken().groups().refuseGroup(id, reason);
    }

    @Override
    public Groups groups() throws ApiException {
        return taken().groups().groups();
    }

    @Override
    public GroupInfo group(String id) throws ApiException {
        return taken().groups().group(id);
    }

    @Override
    public GroupExport exportGroup(String id) throws ApiException {
        return taken().groups().exportGroup(id);
    }

    @Override
    public GroupInfo importGroup(String record) throws ApiException {
        return taken().groups().importGroup(record);
    }
}
