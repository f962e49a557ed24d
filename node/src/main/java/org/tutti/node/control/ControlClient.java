package org.tutti.node.control;

import org.jspecify.annotations.Nullable;
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
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;
import org.tutti.node.json.JsonRecords;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A running node in another process, over its control socket: one connection for each question.
///
/// Every method also throws [NodeNotRunningException], and an ApiException with the code
/// `NODE_GAVE_NO_ANSWER` where a node is there and no proper answer comes.
public final class ControlClient implements NodeApi {
    private final Path dataFolder;
    private final Duration timeout;

    /// @param dataFolder the running node's
    /// @param timeout longest wait for an answer
    public ControlClient(Path dataFolder, Duration timeout) {
        this.dataFolder = dataFolder;
        this.timeout = timeout;
    }

    @Override
    public AddressInfo address(Optional<String> group) throws ApiException {
        return ask(
                AddressInfo.class,
                Operations.ADDRESS,
                JsonRecords.fields(new Operations.OfAddress(group)));
    }

    @Override
    public NodeStatus status() throws ApiException {
        return ask(NodeStatus.class, Operations.STATUS, Map.of());
    }

    @Override
    public Payments payments() throws ApiException {
        return ask(Payments.class, Operations.PAYMENTS, Map.of());
    }

    @Override
    public NodeStatus.Payment payment(String id) throws ApiException {
        return ask(
                NodeStatus.Payment.class,
                Operations.PAYMENT,
                JsonRecords.fields(new Operations.OfPayment(id)));
    }

    @Override
    public PaymentResult pay(PayRequest request) throws ApiException {
        return ask(PaymentResult.class, Operations.PAY, JsonRecords.fields(request));
    }

    @Override
    public PaymentResult bump(ReplaceRequest request) throws ApiException {
        return ask(PaymentResult.class, Operations.BUMP, JsonRecords.fields(request));
    }

    @Override
    public PaymentResult cancel(ReplaceRequest request) throws ApiException {
        return ask(PaymentResult.class, Operations.CANCEL, JsonRecords.fields(request));
    }

    @Override
    public ClockAccepted acceptClock() throws ApiException {
        return ask(ClockAccepted.class, Operations.ACCEPT_CLOCK, Map.of());
    }

    @Override
    public ConflictAllowed allowConflict(String session) throws ApiException {
        return ask(
                ConflictAllowed.class,
                Operations.ALLOW_CONFLICT,
                JsonRecords.fields(new Operations.OfSession(session)));
    }

    @Override
    public RecoveryAccepted acceptRecovery(String peerId, String journal) throws ApiException {
        return ask(
                RecoveryAccepted.class,
                Operations.ACCEPT_RECOVERY,
                JsonRecords.fields(new Operations.OfRecovery(peerId, journal)));
    }

    @Override
    public RequestInfo createRequest(RequestOrder order) throws ApiException {
        return ask(RequestInfo.class, Operations.REQUEST_CREATE, JsonRecords.fields(order));
    }

    @Override
    public Requests requests() throws ApiException {
        return ask(Requests.class, Operations.REQUESTS, Map.of());
    }

    @Override
    public RequestInfo request(String id) throws ApiException {
        return ask(
                RequestInfo.class,
                Operations.REQUEST,
                JsonRecords.fields(new Operations.OfRequest(id)));
    }

    @Override
    public RequestInfo joinRequest(String id) throws ApiException {
        return ask(
                RequestInfo.class,
                Operations.REQUEST_JOIN,
                JsonRecords.fields(new Operations.OfRequest(id)));
    }

    @Override
    public RequestEnded refuseRequest(String id, String reason) throws ApiException {
        return ask(
                RequestEnded.class,
                Operations.REQUEST_REFUSE,
                JsonRecords.fields(new Operations.OfEnd(id, reason)));
    }

    @Override
    public RequestEnded withdrawRequest(String id, String reason) throws ApiException {
        return ask(
                RequestEnded.class,
                Operations.REQUEST_WITHDRAW,
                JsonRecords.fields(new Operations.OfEnd(id, reason)));
    }

    @Override
    public GroupInfo proposeGroup(GroupOrder order) throws ApiException {
        return ask(GroupInfo.class, Operations.GROUP_PROPOSE, JsonRecords.fields(order));
    }

    @Override
    public GroupInfo consentToGroup(String id, String policy) throws ApiException {
        return ask(
                GroupInfo.class,
                Operations.GROUP_CONSENT,
                JsonRecords.fields(new Operations.OfConsent(id, policy)));
    }

    @Override
    public GroupInfo refuseGroup(String id, String reason) throws ApiException {
        return ask(
                GroupInfo.class,
                Operations.GROUP_REFUSE,
                JsonRecords.fields(new Operations.OfGroupEnd(id, reason)));
    }

    @Override
    public Groups groups() throws ApiException {
        return ask(Groups.class, Operations.GROUPS, Map.of());
    }

    @Override
    public GroupInfo group(String id) throws ApiException {
        return ask(
                GroupInfo.class, Operations.GROUP, JsonRecords.fields(new Operations.OfGroup(id)));
    }

    @Override
    public GroupExport exportGroup(String id) throws ApiException {
        return ask(
                GroupExport.class,
                Operations.GROUP_EXPORT,
                JsonRecords.fields(new Operations.OfGroup(id)));
    }

    @Override
    public GroupInfo importGroup(String record) throws ApiException {
        return ask(
                GroupInfo.class,
                Operations.GROUP_IMPORT,
                JsonRecords.fields(new Operations.OfRecord(record)));
    }

    @Override
    public RequestEnded releaseRequest(String id) throws ApiException {
        return ask(
                RequestEnded.class,
                Operations.REQUEST_RELEASE,
                JsonRecords.fields(new Operations.OfRequest(id)));
    }

    @Override
    public RequestInfo startRound(String id, int round) throws ApiException {
        return ask(
                RequestInfo.class,
                Operations.REQUEST_ROUND,
                JsonRecords.fields(new Operations.OfRound(id, round)));
    }

    @Override
    public Sessions sessions() throws ApiException {
        return ask(Sessions.class, Operations.SESSIONS, Map.of());
    }

    @Override
    public SessionInfo session(String id) throws ApiException {
        return ask(
                SessionInfo.class,
                Operations.SESSION,
                JsonRecords.fields(new Operations.OfSession(id)));
    }

    @Override
    public SignerInfo advertise(AdvertOrder order) throws ApiException {
        return ask(SignerInfo.class, Operations.ADVERTISE, JsonRecords.fields(order));
    }

    @Override
    public AdvertWithdrawn withdrawAdvert() throws ApiException {
        return ask(AdvertWithdrawn.class, Operations.WITHDRAW_ADVERT, Map.of());
    }

    @Override
    public Signers findSigners(SignerQuery query) throws ApiException {
        return ask(Signers.class, Operations.SIGNERS, JsonRecords.fields(query));
    }

    @Override
    public VouchInfo vouchFor(String key, long seconds) throws ApiException {
        return ask(
                VouchInfo.class,
                Operations.VOUCH,
                JsonRecords.fields(new Operations.OfVouch(key, seconds)));
    }

    @Override
    public SessionEvents signerEvents(SessionWatch watch) throws ApiException {
        return ask(SessionEvents.class, Operations.SIGNER_EVENTS, JsonRecords.fields(watch));
    }

    @Override
    public SessionEvents sessionEvents(SessionWatch watch) throws ApiException {
        return ask(SessionEvents.class, Operations.SESSION_EVENTS, JsonRecords.fields(watch));
    }

    private <T extends Record> T ask(
            Class<T> answer, String operation, Map<String, ? extends @Nullable Object> fields)
            throws ApiException {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put(Operations.OP, operation);
        request.putAll(fields);
        JsonObject line = ask(request);
        try {
            return JsonRecords.readKnown(answer, line);
        } catch (JsonLineException e) {
            throw noAnswer(e.reason());
        }
    }

    /// The answer's fields, `"ok":true` among them.
    JsonObject ask(Map<String, ? extends @Nullable Object> request) throws ApiException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connect(channel);
            Thread watch = Thread.ofVirtual().start(() -> closeAfter(channel, timeout));
            try {
                return exchange(channel, JsonLine.write(request));
            } finally {
                watch.interrupt();
            }
        } catch (IOException e) {
            throw noAnswer(String.valueOf(e.getMessage()));
        }
    }

    private ApiException noAnswer(String reason) {
        return new ApiException(
                "NODE_GAVE_NO_ANSWER", "the node in " + dataFolder + " gave no answer: " + reason);
    }

    private void connect(SocketChannel channel) throws NodeNotRunningException {
        Path socket = dataFolder.resolve("control.sock");
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw failure(socket);
        }
    }

    /// Why nobody could be reached: each needs something else to be done.
    private NodeNotRunningException failure(Path socket) {
        try {
            if (Files.readAttributes(socket, BasicFileAttributes.class).isOther()
                    && !Files.isWritable(socket)) {
                return NodeNotRunningException.denied(socket);
            }
            return NodeNotRunningException.notRunning(dataFolder);
        } catch (AccessDeniedException e) {
            return NodeNotRunningException.denied(socket);
        } catch (IOException e) {
            return Files.isDirectory(dataFolder)
                    ? NodeNotRunningException.notRunning(dataFolder)
                    : NodeNotRunningException.noFolder(dataFolder);
        }
    }

    private static JsonObject exchange(SocketChannel channel, String request)
            throws IOException, ApiException {
        ByteBuffer bytes = ByteBuffer.wrap((request + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        BufferedReader reader =
                new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("the connection ended");
        }
        try {
            JsonObject answer = JsonLine.parse(line);
            if (!answer.flag("ok")) {
                throw new ApiException(
                        answer.text("code").orElse("FAILED"),
                        answer.text("message").orElse("no reason given"));
            }
            return answer;
        } catch (JsonLineException e) {
            throw new IOException(e.reason(), e);
        }
    }

    private static void closeAfter(SocketChannel channel, Duration timeout) {
        try {
            Thread.sleep(timeout);
            channel.close();
        } catch (InterruptedException | IOException e) {
            // The answer came first.
        }
    }
}
