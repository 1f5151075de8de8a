namespace PSSecureChat.ModuleTests;

/// <summary>
/// break and throw behind every cmdlet that emits. Select-Object -First comes with PowerShell itself and is tried in tests/Pester.
/// </summary>
public sealed class EarlyEndTests(EarlyEndTests.Scene scene) : IClassFixture<EarlyEndTests.Scene>
{
    // What comes before, and what emits more than one object, or the only one of something that must not be left without an owner.
    // Nothing leans on what another pipeline has left: their order is another one in every folder they are built in.
    private static readonly (string Before, string Emits)[] s_pipelines =
    [
        ("Send", "Get-ChatInbox -Server $alice"), ("Send", "Get-ChatHistory"), ("Send", "Get-ChatHistory alice -Search o"), ("Queue", "Get-ChatOutbox"), ("", "Get-ChatPeer"), ("", "Get-ChatServer"),
        ("", "Get-ChatConsumer -Server $alice"), ("", "Get-ChatInvitation"), ("Offer", "Get-ChatTransfer"),
        ("Send", "Receive-ChatMessage -Server $alice"), ("Send", "Receive-ChatMessage -Wait -Server $alice"), ("Send", "Receive-ChatMessage -Peek -Server $alice"), ("Send", "Receive-ChatMessage -Consumer log -Wait -Server $alice"),
        ("Send", "Wait-ChatMessage -Server $alice"), ("", "1..100 | Send-ChatMessage alice -PassThru"), ("", "1..100 | Send-ChatMessage alice -WaitFor Delivered"), ("", "Send-ChatMessage * hi -WaitFor Sent -PassThru -TimeoutSec 0.1 -WarningAction Ignore -ErrorAction Ignore"),
        ("", "Send-ChatFile alice $root/*.bin"), ("", "Send-ChatFile taker $root/*.bin -Wait"), ("Offer", "Receive-ChatFile -Destination $root/in -Server $alice"), ("Offer", "Receive-ChatFile -Destination $root/in -Wait -Server $alice"),
        ("Offer", "Get-ChatTransfer -State Offered | Suspend-ChatTransfer -PassThru"), ("Hold", "Get-ChatTransfer -State Suspended | Resume-ChatTransfer -PassThru"), ("Offer", "Get-ChatTransfer -State Offered | Stop-ChatTransfer -PassThru"),
        ("", "Send-ChatFile alice $root/*.bin -AsJob"), ("", "Test-ChatPeer alice -Count 1000000"), ("", "Get-ChatPeer | Test-ChatPeer"), ("", "$taker.Endpoint, $alice.Endpoint | Connect-ChatPeer"),
        ("Meet", "Disconnect-ChatPeer x* -PassThru -Server $bob"), ("Meet", "Block-ChatPeer x* -PassThru -Server $bob"), ("Refuse", "Unblock-ChatPeer x* -PassThru -Server $bob"), ("Ask", "Approve-ChatPeer x* -PassThru -Server $strict"),
        ("Serve", "Get-ChatServer x* | Stop-ChatServer -PassThru"), ("", "Start-ChatServer 127.0.0.1 0 x3 -Ephemeral"), ("", "New-ChatInvitation"), ("", "Register-ChatEvent PeerConnected -SourceIdentifier x -Action { }"),
        ("", "Connect-ChatPeer $taker.Endpoint -Verbose 4>&1"), ("", "Test-ChatPeer $silent -TimeoutSec 3600 -Verbose 4>&1"), ("", "Connect-ChatPeer $silent -TimeoutSec 3600 -Verbose 4>&1"), ("", "Get-ChatPeer -Verbose 4>&1"),
        ("", "Send-ChatMessage alice hi -WaitFor Read -TimeoutSec 3600 -Verbose 4>&1"), ("Serve", "Stop-ChatServer x2 -Verbose 4>&1"), ("Send", "Remove-ChatMessage (Get-ChatHistory -Last 3) -Verbose 4>&1"),
    ];

    public static TheoryData<string, string, string> Pipelines =>
    [
        .. from pipeline in s_pipelines
           from end in new[] { "break", "throw 'no'" }
           select new TheoryDataRow<string, string, string>(pipeline.Before, pipeline.Emits, end),
    ];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void An_early_end_is_no_error_and_leaves_nothing_waiting(string before, string emits, string end)
    {
        Transcript ended = scene.Session.Run($"{before}; try {{ foreach ($once in 1) {{ {emits} | ForEach-Object {{ 'one'; {end} }} }} }} catch {{ \"thrown: $_\" }}");

        Assert.Equal(end == "break" ? ["output: one"] : ["output: one", "output: thrown: no"], ended.Lines);
        Assert.Empty(scene.Session.Run("Leave").Errors);
        Assert.Equal(["output: Delivered", "output: "], scene.Session.Run("(Send-ChatMessage alice after -WaitFor Delivered).State; \"$((Get-ChatConsumer -Server $alice | Where-Object InUse).Name)\"").Lines);
    }

    [Theory]
    [InlineData("break")]
    [InlineData("throw 'no'")]
    public void A_start_that_ends_with_a_line_of_Verbose_leaves_no_server(string end)
    {
        using Session session = Session.Start();
        session.Run($"try {{ foreach ($once in 1) {{ Start-ChatServer 127.0.0.1 0 x -Ephemeral -Verbose 4>&1 | ForEach-Object {{ if (\"$_\" -match '^listening on .*:(\\d+);') {{ $port = $Matches[1]; {end} }} }} }} }} catch {{ }}");

        Assert.Empty(session.Run("Get-ChatServer").Lines);
        session.Until("$free = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, $port); try { $free.Start(); $free.Stop(); $true } catch { $false }");
    }

    /// <summary>bob, the default, talks with alice and with one who takes files; and what the pipelines need before.</summary>
    public sealed class Scene : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

        public Scene()
        {
            Directory.CreateDirectory(Path.Combine(_root, "in"));
            File.WriteAllText(Path.Combine(_root, "a.bin"), "a");
            File.WriteAllText(Path.Combine(_root, "b.bin"), "b");
            Session.Runspace.SessionStateProxy.SetVariable("root", _root);
            Assert.Empty(Session.Run("""
                $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0); $listener.Start(); $silent = "$($listener.LocalEndpoint)"
                $alice, $gone = 'alice', 'gone' | ForEach-Object { Start-ChatServer 127.0.0.1 0 $_ -Ephemeral -AcceptFrom Anyone }
                $taker = Start-ChatServer 127.0.0.1 0 taker -Ephemeral -AcceptFrom Anyone -ReceiveFilesTo $root/in
                $strict = Start-ChatServer 127.0.0.1 0 strict -Ephemeral
                $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -AcceptFrom Anyone
                $null = $alice, $taker, $gone | ForEach-Object { Connect-ChatPeer $_.Endpoint -Server $bob }
                Stop-ChatServer $gone
                $null = 1..2 | ForEach-Object { New-ChatInvitation -Server $bob }
                $null = 'log', 'old' | ForEach-Object { Receive-ChatMessage -Consumer $_ -Server $alice }
                function Send { $null = Receive-ChatMessage -Consumer log -Server $alice; $null = 'one', 'two' | Send-ChatMessage alice -WaitFor Delivered }
                function Queue { 1..2 | Send-ChatMessage gone -WarningAction Ignore }
                function Offer {
                    Get-ChatTransfer | Where-Object { -not $_.HasEnded } | Stop-ChatTransfer
                    $sent = Send-ChatFile alice $root/a.bin, $root/b.bin
                    # By their ids: alice may still list earlier offers, whose end she has not heard of yet.
                    while (@(Get-ChatTransfer -State Offered -Server $alice | Where-Object Id -in $sent.Id).Count -ne 2 -or @(Get-ChatTransfer -State Offered -Server $alice).Count -ne 2 -or @(Get-ChatTransfer -State Offered).Count -ne 2) { }
                }
                function Hold { Offer; Suspend-ChatTransfer *.bin }
                function Serve { $null = 'x1', 'x2' | ForEach-Object { Start-ChatServer 127.0.0.1 0 $_ -Ephemeral -AcceptFrom Anyone } }
                function Meet { Leave; Serve; $null = Get-ChatServer x* | ForEach-Object { Connect-ChatPeer $_.Endpoint -Server $bob } }
                function Refuse { Meet; Block-ChatPeer x* -Server $bob }
                function Ask { Leave; Serve; $null = Get-ChatServer x* | ForEach-Object { Connect-ChatPeer $strict.Endpoint -Server $_ }; while (@(Get-ChatPeer x* -Server $strict).Count -ne 2) { } }
                function Leave { Get-ChatServer x* | Stop-ChatServer; $bob, $strict | ForEach-Object { Remove-ChatPeer x* -Confirm:$false -Server $_ }; $ExecutionContext.Events.Subscribers | ForEach-Object { $ExecutionContext.Events.UnsubscribeEvent($_) } }
                """).Errors);
        }

        internal Session Session { get; } = Session.Start();

        public void Dispose()
        {
            Session.Dispose();
            Directory.Delete(_root, recursive: true);
        }
    }
}
