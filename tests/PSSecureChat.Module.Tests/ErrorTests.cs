using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PSSecureChat.ModuleTests;

/// <summary>What people meet: each has a stable id, a category, what they typed as target, and a way out.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData("Get-ChatPeer")]
    [InlineData("Get-ChatInbox")]
    [InlineData("Receive-ChatMessage -Wait")]
    [InlineData("Send-ChatMessage bob hi")]
    [InlineData("Connect-ChatPeer localhost 9")]
    [InlineData("Disconnect-ChatPeer bob")]
    [InlineData("Approve-ChatPeer bob")]
    [InlineData("Block-ChatPeer bob")]
    [InlineData("Unblock-ChatPeer bob")]
    [InlineData("Remove-ChatPeer bob")]
    [InlineData("Confirm-ChatPeer bob 1")]
    [InlineData("New-ChatInvitation")]
    [InlineData("Get-ChatInvitation")]
    [InlineData("Remove-ChatInvitation AHEctxzu")]
    [InlineData("Stop-ChatServer")]
    public void No_server_was_started(string script)
    {
        using Session session = Session.Start();

        AssertError(session.Run(script), "NoServer", ErrorCategory.InvalidOperation, null);
    }

    [Theory]
    [InlineData("Get-ChatHistory '['", "PeerUnknown")]
    [InlineData("Send-ChatMessage 'b[' hi", "PeerUnknown")]
    [InlineData("Get-ChatServer 'x['", "NoServer")]
    [InlineData("Stop-ChatServer 'x['", "NoServer")]
    [InlineData("Get-ChatTransfer 'x['", "TransferUnknown")]
    public void A_single_bracket_is_a_name_and_no_broken_pattern(string script, string id)
    {
        using Session session = Session.StartConversation();

        ErrorRecord error = session.Run(script).Error;

        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void The_port_is_in_use()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        using Session session = Session.Start();

        Transcript start = session.Run($"Start-ChatServer 127.0.0.1 {Port(other)} alice -Ephemeral");

        AssertError(start, "PortInUse", ErrorCategory.ResourceBusy);
        Assert.Empty(session.Run("Get-ChatServer").Lines);
    }

    [Fact]
    public void The_address_is_not_one_of_this_machine()
    {
        using Session session = Session.Start();

        AssertError(session.Run("Start-ChatServer 192.0.2.1 0 alice -Ephemeral"), "AddressNotLocal", ErrorCategory.InvalidArgument);
    }

    [Theory]
    [InlineData("'a~b'")]
    [InlineData("' '")]
    [InlineData("('x' * 65)")]
    [InlineData("\"a`nb\"")]
    public void The_name_is_not_usable(string name)
    {
        using Session session = Session.Start();

        AssertError(session.Run($"Start-ChatServer 127.0.0.1 0 {name} -Ephemeral"), "NameNotUsable", ErrorCategory.InvalidArgument);
    }

    [Theory]
    [InlineData("Start-ChatServer 127.0.0.1 abc", "ParameterArgumentTransformationError")]
    [InlineData("Start-ChatServer 127.0.0.1 abc other", "ParameterArgumentTransformationError")]
    [InlineData("Connect-ChatPeer localhost abc", "ParameterArgumentTransformationError")]
    [InlineData("Connect-ChatPeer localhost 65536", "ParameterArgumentValidationError")]
    [InlineData("Connect-ChatPeer localhost:abc", "AddressNotUsable")]
    [InlineData("Connect-ChatPeer localhost:0", "AddressNotUsable")]
    [InlineData("Connect-ChatPeer localhost", "AddressNotUsable")]
    [InlineData("Connect-ChatPeer [::1:8095", "AddressNotUsable")]
    [InlineData("Connect-ChatPeer localhost:1 2", "AddressNotUsable")]
    public void The_port_is_no_port(string script, string id)
    {
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        ErrorRecord error = session.Run(script).Error;
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.True(id != "ParameterArgumentTransformationError" || error.ToString().Contains("'abc' is not a port", StringComparison.Ordinal), error.ToString());
        Assert.Equal(["output: Running"], session.Run("(Get-ChatServer).State").Lines);
    }

    // PowerShell takes a number for ticks: the message would be gone before it is sent.
    [Theory]
    [InlineData("Send-ChatMessage bob hi -ExpiresIn 60", "is a number without a unit. Write '0:15'")]
    [InlineData("New-ChatInvitation -ExpiresIn 86400.0", "is a number without a unit. Write '0:15'")]
    [InlineData("Send-ChatMessage bob hi -ExpiresIn soon", "'soon' is no time. Write '0:15'")]
    [InlineData("New-ChatInvitation -ExpiresIn 5min", "'5min' is no time. Write '0:15'")]
    public void A_number_and_a_word_are_no_time(string script, string says)
    {
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        ErrorRecord error = session.Run(script).Error;

        Assert.Equal("ParameterArgumentTransformationError", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(says, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-ChatPeer -Server nobody")]
    [InlineData("Send-ChatMessage alice hi -Server nobody")]
    [InlineData("Receive-ChatMessage -Server nobody")]
    [InlineData("Stop-ChatServer nobody")]
    [InlineData("'nobody' | Stop-ChatServer")]
    public void The_server_is_unknown(string script)
    {
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        AssertError(session.Run(script), "NoServer", ErrorCategory.InvalidOperation, "nobody");
    }

    [Theory]
    [InlineData("-ReceiveFilesFrom bob")]
    [InlineData("-MaxFileSize 1MB")]
    public void A_rule_for_files_has_no_folder(string rule)
    {
        using Session session = Session.Start();

        AssertError(session.Run($"Start-ChatServer 127.0.0.1 0 alice -Ephemeral {rule}"), "FileRuleNeedsFolder", ErrorCategory.InvalidArgument);
        Assert.Empty(session.Run("Get-ChatServer").Lines);
    }

    [Theory]
    [InlineData("-Path ./store")]
    [InlineData("-Passphrase ([securestring]::new())")]
    public void What_is_not_kept_has_no_place_and_no_passphrase(string kept)
    {
        using Session session = Session.Start();

        AssertError(session.Run($"Start-ChatServer 127.0.0.1 0 alice -Ephemeral {kept}"), "EphemeralKeepsNothing", ErrorCategory.InvalidArgument);
        Assert.Empty(session.Run("Get-ChatServer").Lines);
    }

    [Fact]
    public void The_passphrase_is_empty()
    {
        using Session session = Session.Start();
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

        AssertError(session.Run($"Start-ChatServer 127.0.0.1 0 alice -Path '{path}' -Passphrase ([securestring]::new())"), "PassphraseNeeded", ErrorCategory.AuthenticationError);

        Assert.Empty(session.Run("Get-ChatServer").Lines);
        Assert.False(Directory.Exists(path), "a store was made");
    }

    [Fact]
    public void A_time_out_says_how_far_the_message_has_come()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice first -WaitFor Delivered");

        ErrorRecord error = session.Run("Send-ChatMessage alice hi -WaitFor Read -TimeoutSec 5").Error;

        Assert.StartsWith("TimedOut", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("was not read within 5 s. It is delivered", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("queued", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_is_unknown()
    {
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        AssertError(session.Run("Connect-ChatPeer no-such-host.invalid 8095"), "HostUnknown", ErrorCategory.ConnectionError, "no-such-host.invalid");
    }

    [Fact]
    public void The_connection_is_refused()
    {
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");
        int free;
        using (TcpListener listener = new(IPAddress.Loopback, 0))
        {
            listener.Start();
            free = Port(listener);
        }

        AssertError(session.Run($"Connect-ChatPeer 127.0.0.1:{free}"), "ConnectionRefused", ErrorCategory.ConnectionError, $"127.0.0.1:{free}");
    }

    [Fact]
    public async Task What_answers_is_not_a_chat_peer()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        Task serving = ServeGarbage(other);
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        AssertError(session.Run($"Connect-ChatPeer 127.0.0.1 {Port(other)}"), "NotAChatPeer", ErrorCategory.ProtocolError, "127.0.0.1");

        await serving.WaitAsync(Session.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void What_answers_says_nothing_in_time()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        AssertError(session.Run($"Connect-ChatPeer 127.0.0.1 {Port(silent)} -TimeoutSec 0.2"), "TimedOut", ErrorCategory.OperationTimeout, "127.0.0.1");
    }

    [Fact]
    public void The_fingerprint_is_another_one()
    {
        using Session session = Session.Start();
        session.Run("$alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral; $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral");

        Transcript connect = session.Run("Connect-ChatPeer $alice.Endpoint -Fingerprint $bob.Fingerprint");

        AssertError(connect, "FingerprintMismatch", ErrorCategory.SecurityError);
        Assert.Equal(["output: alice"], session.Run("Connect-ChatPeer $alice.Endpoint -Fingerprint $alice.Fingerprint").Lines);
    }

    [Fact]
    public void The_address_leads_back_to_this_server()
    {
        using Session session = Session.Start();
        session.Run("$alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        AssertError(session.Run("Connect-ChatPeer $alice.Endpoint"), "OwnAddress", ErrorCategory.InvalidOperation);
    }

    [Theory]
    [InlineData("Send-ChatMessage ghost hi")]
    [InlineData("Get-ChatPeer ghost")]
    [InlineData("Get-ChatInbox ghost")]
    [InlineData("Receive-ChatMessage ghost -Wait")]
    [InlineData("Disconnect-ChatPeer ghost")]
    [InlineData("Approve-ChatPeer ghost")]
    [InlineData("Block-ChatPeer ghost")]
    [InlineData("Unblock-ChatPeer ghost")]
    [InlineData("Remove-ChatPeer ghost")]
    [InlineData("Confirm-ChatPeer ghost 1")]
    public void The_peer_is_unknown(string script)
    {
        using Session session = Session.Start();
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        AssertError(session.Run(script), "PeerUnknown", ErrorCategory.ObjectNotFound, "ghost");
    }

    // One number is one peer's. A wildcard that means nobody would leave the impression that somebody was verified.
    [Fact]
    public void A_wildcard_confirms_nobody_and_says_so()
    {
        using Session session = Session.StartConversation();

        AssertError(session.Run("Confirm-ChatPeer al* (Get-ChatPeer bob -Server $alice).SafetyNumber"), "PeerUnknown", ErrorCategory.ObjectNotFound, "al*");
        Assert.Equal(["output: Unverified"], session.Run("(Get-ChatPeer alice).Trust").Lines);
    }

    [Fact]
    public void One_unknown_peer_keeps_no_text_from_the_others()
    {
        using Session session = Session.StartConversation();

        Transcript sent = session.Run("Send-ChatMessage ghost, alice hi -WaitFor Delivered | ForEach-Object To; $?");
        Assert.Equal(["output: alice", "output: False", "error: PeerUnknown ghost"], sent.Lines);

        Transcript stopped = session.Run("Send-ChatMessage ghost, alice hi -ErrorAction Stop; 'not reached'");
        Assert.Equal(["error: PeerUnknown ghost"], stopped.Lines);
    }

    [Fact]
    public void A_text_that_is_too_large_is_refused_with_the_limit_and_the_next_one_goes()
    {
        using Session session = Session.StartConversation();

        Transcript sent = session.Run("('x' * 1MB), ('x' * (1MB + 1)), 'small' | Send-ChatMessage alice -WaitFor Delivered | ForEach-Object { $_.Text.Length }");

        Assert.Equal(["output: 1048576", "output: 5", "error: TextTooLarge alice"], sent.Lines);
        Assert.Equal(ErrorCategory.LimitsExceeded, sent.Error.CategoryInfo.Category);
        Assert.Matches("1 ?MiB|1,?048,?576", sent.Error.ToString());
    }

    [Theory]
    [InlineData("Send-ChatMessage alice $null", "ParameterArgumentValidationErrorNullNotAllowed")]
    [InlineData("Get-ChatPeer -Server $null", "ParameterArgumentValidationError")]
    [InlineData("Send-ChatMessage '' hi", "ParameterArgumentValidationErrorEmptyStringNotAllowed")]
    [InlineData("Send-ChatMessage @() hi", "ParameterArgumentValidationErrorEmptyArrayNotAllowed")]
    [InlineData("Send-ChatMessage alice hi -WaitFor Queued", "ParameterArgumentValidationError")]
    public void PowerShell_itself_refuses_what_no_parameter_takes(string script, string id)
    {
        using Session session = Session.StartConversation();

        Assert.Equal(id, session.Run(script).Error.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void A_peer_that_is_away_makes_a_warning_and_WaitFor_an_error_that_says_the_message_waits()
    {
        using Session session = Session.StartConversation();
        session.Run("Disconnect-ChatPeer alice");
        session.Until("(Get-ChatPeer alice).State -eq 'Offline'");

        Transcript sent = session.Run("Send-ChatMessage alice hi -WaitFor Delivered -TimeoutSec 0.1");

        ErrorRecord error = sent.Error;
        Assert.Empty(sent.Output);
        Assert.StartsWith("TimedOut", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.Contains("remains queued", error.ToString(), StringComparison.Ordinal);
        Assert.Contains(sent.Lines, static line => line.StartsWith("warning: 'alice' is not connected", StringComparison.Ordinal));
        Assert.Equal(["output: 1"], session.Run("(Get-ChatPeer alice).Queued").Lines);

        Transcript passed = session.Run("Send-ChatMessage alice hi -WaitFor Delivered -TimeoutSec 0 -PassThru -WarningAction Ignore | ForEach-Object State");
        Assert.Equal(["output: Queued", $"error: TimedOut {passed.Error.TargetObject}"], passed.Lines);
    }

    [Fact]
    public void A_stopped_server_takes_no_commands()
    {
        using Session session = Session.StartConversation();
        session.Run("Stop-ChatServer bob");

        AssertError(session.Run("Send-ChatMessage alice hi -Server $bob"), "ServerStopped", ErrorCategory.InvalidOperation);
    }

    [Fact]
    public void Stopping_the_server_ends_a_stream_with_an_error()
    {
        using Session session = Session.StartConversation();
        using Session other = Session.Start();
        other.Runspace.SessionStateProxy.SetVariable("bob", session.Runspace.SessionStateProxy.GetVariable("bob"));
        using PowerShell shell = session.Shell("Receive-ChatMessage -Wait -Server $bob");
        IAsyncResult running = shell.BeginInvoke();

        Assert.Empty(other.Run("Stop-ChatServer $bob").Lines);

        Assert.True(running.AsyncWaitHandle.WaitOne(Session.Limit));
        Transcript stream = Transcript.Of(shell, ended => ended.EndInvoke(running));
        Assert.StartsWith("ServerStopped", stream.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    private static void AssertError(Transcript transcript, string id, ErrorCategory category, string? target = "")
    {
        ErrorRecord error = transcript.Error;
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.False(string.IsNullOrEmpty(error.ErrorDetails?.RecommendedAction), "no way out is named");
        if (target is not "")
        {
            Assert.Equal(target, error.TargetObject?.ToString());
        }
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static async Task ServeGarbage(TcpListener listener)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using NetworkStream stream = client.GetStream();
        byte[] page = Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n" + new string('x', 4096));
        try
        {
            await stream.WriteAsync(page, TestContext.Current.CancellationToken);
            byte[] rest = new byte[4096];
            while (await stream.ReadAsync(rest, TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (IOException)
        {
            // The dialler may hang up as soon as it has seen enough.
        }
    }

    [Theory]
    [InlineData("Start-ChatServer 127.0.0.1 0 x -Path Env:\\store")]
    [InlineData("Start-ChatServer 127.0.0.1 0 x -Ephemeral -ReceiveFilesTo Env:\\")]
    [InlineData("Backup-ChatStore Env:\\copy (ConvertTo-SecureStringForTest)")]
    [InlineData("Restore-ChatStore Env:\\copy x -Passphrase (ConvertTo-SecureStringForTest)")]
    public void A_path_of_another_provider_is_no_file(string command)
    {
        using Session session = Session.StartConversation();
        session.Run("function ConvertTo-SecureStringForTest { $text = [securestring]::new(); $text.AppendChar('x'); $text }");
        System.Management.Automation.ErrorRecord failure = session.Run(command).Error;
        Assert.Equal("FileNotUsable", failure.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("it belongs to Environment", failure.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_servers_of_one_name_are_warned_of_and_a_server_is_an_address()
    {
        using Session session = Session.StartConversation();
        Assert.Contains(session.Run("$second = Start-ChatServer 127.0.0.1 0 bob -Ephemeral").Lines, line => line.Contains("hand over the object", StringComparison.Ordinal));
        Assert.Equal(["output: alice"], session.Run("(Connect-ChatPeer $alice -Server $second).Name").Lines);
    }
}
