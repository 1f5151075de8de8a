using System.Globalization;
using System.Management.Automation;
using PSSecureChat.Internal;
using PSSecureChat.Objects;

namespace PSSecureChat.Commands;

/// <summary>What is sent to whom, by what was typed and by what came from the pipeline: a peer, a message, a row, or something to send.</summary>
public sealed partial class SendChatMessageCommand
{
    private bool _toWasTyped;
    private bool _toIsOfTheObject;
    private bool _contentWasTyped;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _toWasTyped = MyInvocation.BoundParameters.TryGetValue(nameof(To), out object? to);
        _toIsOfTheObject = to is not string[]; // but the argument of -To { $_.Owner }, which is made of each object
        _contentWasTyped = MyInvocation.BoundParameters.ContainsKey(nameof(Message)) || MyInvocation.BoundParameters.ContainsKey(nameof(InputObject));
    }

    // Null when it cannot be sent, which has been told.
    private Order? ReadOrder()
    {
        Order order = new() { InReplyTo = InReplyTo, ExpiresIn = ExpiresIn };
        return Piped is null ? WithContent(order)
            : Piped.BaseObject is ChatPeer peer ? ToPeer(order, peer)
            : MessageObject.Of(Piped) is { } message ? OnMessage(order, message)
            : OnItem(order, Piped);
    }

    private Order? ToPeer(Order order, ChatPeer peer)
    {
        // The one word of Get-ChatPeer | Send-ChatMessage 'hi' stands where To does.
        string? word = _toWasTyped && To.Length == 1 ? To[0] : null;
        Refuse(_contentWasTyped ? _toWasTyped : word is null, ChatErrors.PipedPeerNeedsOneText);
        order = order with { Server = peer.Server, Other = (peer.Fingerprint, peer.Name) };
        return _contentWasTyped ? WithContent(order) : order with { Text = word! };
    }

    // Without a recipient typed PowerShell takes the message's own To for it, and that of a received one is ourselves.
    private Order? OnMessage(Order order, MessageObject message)
    {
        Refuse(!_toWasTyped && !_contentWasTyped && message.Direction == ChatDirection.Incoming, ChatErrors.PipedMessageNeedsTextOrRecipient);
        (string, string)? other = _toWasTyped ? null : (message.PeerFingerprint, message.Peer);
        return _contentWasTyped
            ? WithContent(order with { Server = message.Server, Other = other, InReplyTo = InReplyTo ?? message.Id })
            : order with { Server = _toWasTyped ? null : message.Server, Other = other, Text = message.Text, Kind = message.Kind, PassesOn = true };
    }

    private Order? OnItem(Order order, PSObject item)
    {
        Refuse(_contentWasTyped && !_toIsOfTheObject, ChatErrors.PipedObjectIsNotSent);
        if (_contentWasTyped)
        {
            return WithContent(order) is { } addressed ? WithColumns(addressed, item) : null;
        }

        bool isRow = !SimpleValue.Is(item.BaseObject) && (!_toWasTyped || MessageRow.IsNothingElse(item));
        return isRow && MessageRow.Text(item) is { } text ? WithColumns(order with { Text = text }, item) : WithContent(order);
    }

    private Order? WithContent(Order order)
    {
        if (ParameterSetName == TextSet)
        {
            return order with { Text = Message };
        }

        object plain = InputObject is PSObject wrapper ? wrapper.BaseObject : InputObject!;
        if (SimpleValue.Is(plain))
        {
            return order with { Text = plain as string ?? LanguagePrimitives.ConvertTo<string>(plain) };
        }

        try
        {
            return order with { Text = ObjectWriter.Write(InputObject, Depth, StopToken), Kind = ChatMessageKind.Object };
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, InputObject);
            return null;
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private Order? WithColumns(Order order, PSObject row) =>
        TryColumn(row, nameof(InReplyTo), out Guid? inReplyTo) && TryColumn(row, nameof(ExpiresIn), out TimeSpan? expiresIn)
            ? order with { InReplyTo = InReplyTo ?? inReplyTo, ExpiresIn = ExpiresIn ?? expiresIn }
            : null;

    // By hand, and of rows alone: any object may be sent whole, and what it has under such a name need not be a time.
    private bool TryColumn<T>(PSObject row, string column, out T? value)
        where T : struct
    {
        value = null;
        object? cell = MessageRow.Value(row, column);
        if (cell is null or "" or PSObject { BaseObject: "" })
        {
            return true;
        }

        if (!IsNumber(cell) && LanguagePrimitives.TryConvertTo(MessageObject.Of(cell)?.Id ?? cell, CultureInfo.InvariantCulture, out T converted))
        {
            value = converted;
            return true;
        }

        WriteError(ChatErrors.ColumnNotUsable(column, cell, row));
        return false;
    }

    // A number would be ticks, and a time that is over at once.
    private static bool IsNumber(object cell) => SimpleValue.IsNumber(cell is PSObject wrapper ? wrapper.BaseObject : cell);

    private void Refuse(bool isWrong, Func<object?, ErrorRecord> record)
    {
        if (isWrong)
        {
            ThrowTerminatingError(record(Piped));
        }
    }

    /// <summary>One text on its way: to whom, when that is not what To says, and by which server, when the newest is not meant.</summary>
    private readonly record struct Order
    {
        public string? Server { get; init; }

        public (string Fingerprint, string Name)? Other { get; init; }

        public string Text { get; init; }

        public ChatMessageKind Kind { get; init; }

        public Guid? InReplyTo { get; init; }

        public TimeSpan? ExpiresIn { get; init; }

        public bool PassesOn { get; init; }
    }
}
