using System.Management.Automation;
using PSSecureChat.Completion;
using PSSecureChat.Engine;
using PSSecureChat.Internal;

namespace PSSecureChat.Commands;

/// <summary>Tests whether a peer or an address can be reached, how fast it answers, and if not, why not.</summary>
/// <remarks>
/// <para>A peer in conversation is asked by a ping inside it. Otherwise the address is dialled and the handshake goes as far as the other side has shown who it is, and ends there: the other side does not learn who tested it and sees no request, nothing is pinned, and a changed key is reported and not noted. So a test cannot tell whether a stranger would let you in.</para>
/// <para>What is wrong is no error but stands in the result: ErrorId, Reason and Recommendation.</para>
/// </remarks>
/// <example>
/// <para>See how fast everybody answers.</para>
/// <code>Get-ChatPeer | Test-ChatPeer</code>
/// </example>
/// <example>
/// <para>Find out why nobody answers at an address, and what to do about it.</para>
/// <code>Test-ChatPeer 127.0.0.1:1 | ForEach-Object { $_.Reason; $_.Recommendation }</code>
/// </example>
/// <example>
/// <para>Test an address as Connect-ChatPeer would dial it.</para>
/// <code>Test-ChatPeer 127.0.0.1 (Get-ChatServer carol).Port</code>
/// </example>
/// <example>
/// <para>Let a script decide.</para>
/// <code>if (Test-ChatPeer bob -Quiet) { Send-ChatMessage bob 'The night run begins.' }</code>
/// </example>
/// <example>
/// <para>Read step by step what is done.</para>
/// <code>Test-ChatPeer bob -Verbose</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "ChatPeer", DefaultParameterSetName = PeerSet)]
[OutputType(typeof(ChatPeerTest), ParameterSetName = new[] { PeerSet, AddressSet })]
[OutputType(typeof(bool), ParameterSetName = new[] { PeerSet, AddressSet })]
public sealed class TestChatPeerCommand : ServerCommand
{
    private const string PeerSet = "Peer";
    private const string AddressSet = "Address";

    /// <summary>Between two tries, so that the other side does not take them for a flood.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Names or wildcards of known peers. What has a colon, which no name has, is an address, and so is what is typed before a port.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PeerSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Peer")]
    [ArgumentCompleter(typeof(PeerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>The address or host name of anyone, also as host:port or [IPv6 address]:port.</summary>
    [Parameter(Mandatory = true, ParameterSetName = AddressSet, ValueFromPipelineByPropertyName = true)]
    [Alias("Host", "HostName", "ComputerName", "IPAddress", "Endpoint")]
    [ValidateNotNullOrEmpty]
    public string Address { get; set; } = string.Empty;

    /// <summary>The port, when the address does not name it.</summary>
    [Parameter(Position = 1, ParameterSetName = PeerSet)] // typed only: a peer from the pipeline has a port, too
    [Parameter(ParameterSetName = AddressSet, ValueFromPipelineByPropertyName = true)]
    [PortTransformation]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>How often each is tested; once when it is not given. Each try is a result of its own.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>How many seconds each step may take: the connection, and then the answer; 5 when it is not given.</summary>
    [Parameter]
    [Alias("TimeoutSeconds", "Timeout")]
    [ValidateRange(0.001, int.MaxValue / 1000)]
    public double TimeoutSec { get; set; } = 5;

    /// <summary>Emits only whether every try succeeded.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ChatEngine engine = Engine;
        if (ParameterSetName == AddressSet)
        {
            TestAddress(engine, Address, Port);
            return;
        }

        foreach (string address in Name.Where(IsAddress))
        {
            TestAddress(engine, address, Port);
        }

        foreach (ChatPeer peer in SelectPeers(engine, Name.Where(name => !IsAddress(name)), PeerSelection.Any))
        {
            TellStory(engine, peer, 0);
            Test((tell, token) => engine.TestAsync(peer.Fingerprint, TimeSpan.FromSeconds(TimeoutSec), tell, token), peer.Name);
        }
    }

    private bool IsAddress(string name) => Port is not null || name.Contains(':', StringComparison.Ordinal);

    private void TestAddress(ChatEngine engine, string text, int? port)
    {
        PeerAddress address;
        try
        {
            address = PeerAddress.Parse(text, port);
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, text);
            return;
        }

        Test((tell, token) => engine.TestAsync(address.Host, address.Port, TimeSpan.FromSeconds(TimeoutSec), tell, token), text);
    }

    private void Test(Func<Action<string>, CancellationToken, Task<ChatPeerTest>> test, object target)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        try
        {
            bool all = true;
            for (int i = 0; i < Count; i++)
            {
                if (i > 0)
                {
                    Await(token => Task.Delay(Pause, token));
                }

                ChatPeerTest result = AwaitTelling(tell => test(tell, ended.Token), ended.Token);
                all &= result.Succeeded;
                if (!Quiet)
                {
                    WriteObject(result);
                }
            }

            if (Quiet)
            {
                WriteObject(all);
            }
        }
        catch (ChatException failure)
        {
            WriteFailure(failure, target);
        }
        finally
        {
            ended.Cancel(); // a stop downstream leaves no attempt behind
        }
    }
}
