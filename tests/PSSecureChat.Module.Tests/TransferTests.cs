using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

public sealed class TransferTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_file_is_sent_offered_taken_and_checked()
    {
        using Session session = StartConversation();
        MakeFile("report.pdf", 200_000);

        Assert.Equal(["output: report.pdf alice 200000 Outgoing"], session.Run("Send-ChatFile alice $root/report.pdf | ForEach-Object { \"$($_.Name) $($_.To) $($_.Length) $($_.Direction)\" }").Lines);
        session.Until("(Get-ChatTransfer -Server $alice).State -eq 'Offered'");
        session.Until("(Get-ChatTransfer).State -eq 'Offered'");
        Assert.Equal(["output: report.pdf bob"], session.Run("Get-ChatTransfer rep* -Peer b* -State Offered -Server $alice | ForEach-Object { \"$($_.Name) $($_.From)\" }").Lines);
        Assert.Equal(["output: Completed 100 True"], session.Run("Receive-ChatFile report.pdf $root/inbox -Wait -Server $alice | ForEach-Object { \"$($_.State) $($_.PercentComplete) $($_.Path -eq [IO.Path]::Combine($root, 'inbox', 'report.pdf'))\" }").Lines);
        Assert.Equal(Content("report.pdf"), File.ReadAllBytes(Path.Combine(_root, "inbox", "report.pdf")));
        session.Until("(Get-ChatTransfer).State -eq 'Completed'");
        Assert.Equal(["output: True"], session.Run("(Get-ChatTransfer).Sha256 -eq (Get-ChatTransfer -Server $alice).Sha256 -and (Get-ChatTransfer).Sha256.Length -eq 64").Lines);
    }

    [Fact]
    public void Files_come_from_wildcards_and_the_pipeline_and_each_failure_is_an_error_of_its_own()
    {
        using Session session = StartConversation();
        MakeFile("a.txt", 1);
        MakeFile("b.txt", 2);
        MakeFile("c [1].txt", 3);
        Directory.CreateDirectory(Path.Combine(_root, "folder.txt"));

        Assert.Equal(["output: a.txt", "output: b.txt", "output: c [1].txt"], session.Run("Send-ChatFile alice $root/*.txt | ForEach-Object Name").Lines.Order());
        Assert.Equal(["output: c [1].txt"], session.Run("Send-ChatFile alice -LiteralPath \"$root/c [1].txt\" | ForEach-Object Name").Lines);
        Assert.Equal(["output: c [1].txt"], session.Run("Get-ChatPeer alice | Send-ChatFile -LiteralPath \"$root/c [1].txt\" | ForEach-Object Name").Lines);
        Assert.Equal(["output: c [1].txt"], session.Run("Send-ChatFile alice \"$root/c ``[1``].txt\" | ForEach-Object Name").Lines); // as Tab writes it
        Assert.Equal(["output: a.txt"], session.Run("Get-ChatPeer alice | Send-ChatFile -Path $root/a.txt | ForEach-Object Name").Lines);
        Assert.Equal(["output: b.txt"], session.Run("[pscustomobject]@{ FullName = \"$root/b.txt\" } | Send-ChatFile alice | ForEach-Object Name").Lines);

        Assert.Equal(["output: a.txt", "output: b.txt"], session.Run("\"$root/a.txt\", \"$root/b*\" | Send-ChatFile alice | ForEach-Object Name").Lines);

        Assert.Equal(["output: a.txt alice", "output: b.txt alice"], session.Run("Get-ChatPeer alice | Send-ChatFile $root/a.txt, $root/b* | ForEach-Object { \"$($_.Name) $($_.To)\" }").Lines);

        Assert.Equal("PipedPeerNeedsFiles", Id(session.Run("Get-ChatPeer alice | Send-ChatFile")));
        Assert.Equal("PipedPeerNeedsFiles", Id(session.Run("Get-ChatPeer alice | Send-ChatFile alice -Path $root/a.txt")));
        Assert.Equal("PipedPeerNeedsFiles", Id(session.Run("Get-ChatPeer alice | Send-ChatFile alice $root/a.txt")));
        Assert.Equal("FileNotUsable", Id(session.Run("Send-ChatFile alice $root/missing.txt")));
        Assert.Equal("FileNotUsable", Id(session.Run("Send-ChatFile alice $root/folder.txt")));
        Assert.Equal("PeerUnknown", Id(session.Run("Send-ChatFile nobody $root/a.txt")));
        Assert.Equal("FileNotUsable", Id(session.Run("Send-ChatFile alice env:PATH")));
        Assert.Empty(session.Run("Send-ChatFile alice $root/*.none").Lines);
    }

    [Fact]
    public void Waiting_shows_progress_and_emits_the_transfer_as_it_ended()
    {
        using Session session = StartConversation();
        MakeFile("big.bin", 3_000_000);
        using Session other = session.Second();
        using PowerShell taking = other.Shell("Receive-ChatFile -From bob -Destination $root/inbox -Wait -TimeoutSec 30 -Server $alice");
        IAsyncResult taken = taking.BeginInvoke();

        using PowerShell sending = session.Shell("Send-ChatFile alice $root/big.bin -Wait");
        Assert.Equal("big.bin to alice: Completed, 100% of 3000000 bytes", Assert.Single(sending.Invoke()).ToString());
        Assert.Equal(ProgressRecordType.Completed, sending.Streams.Progress[^1].RecordType);
        Assert.Equal("big.bin to alice", sending.Streams.Progress[0].Activity);
        Assert.Equal("big.bin from bob: Completed, 100% of 3000000 bytes", Assert.Single(taking.EndInvoke(taken)).ToString());
    }

    [Fact]
    public void A_file_that_does_not_arrive_is_an_error_of_the_wait()
    {
        using Session session = StartConversation();
        MakeFile("x.bin", 10);
        using Session other = session.Second();
        using PowerShell sending = session.Shell("Send-ChatFile alice $root/x.bin -Wait");
        IAsyncResult running = sending.BeginInvoke();
        other.Until("(Get-ChatTransfer -Server $alice).State -eq 'Offered'");
        Assert.Empty(other.Run("Get-ChatTransfer -Server $alice | Stop-ChatTransfer -Server $alice").Lines);
        Assert.Empty(sending.EndInvoke(running));
        ErrorRecord error = Assert.Single(sending.Streams.Error);
        Assert.Equal("TransferFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("alice refused it", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("x.bin to alice: Stopped, 0% of 10 bytes", error.TargetObject.ToString());
    }

    [Fact]
    public void Ctrl_C_ends_the_waiting_at_once_and_the_transfer_goes_on()
    {
        using Session session = StartConversation();
        MakeFile("x.bin", 10);
        using Session other = session.Second();
        using PowerShell sending = session.Shell("Send-ChatFile alice $root/x.bin -Wait");
        IAsyncResult running = sending.BeginInvoke();
        other.Until("(Get-ChatTransfer -Server $alice).State -eq 'Offered'");
        long start = Environment.TickCount64;
        sending.Stop();
        Assert.True(running.IsCompleted);
        Assert.InRange(Environment.TickCount64 - start, 0, 10_000);
        Assert.Equal(["output: Offered"], session.Run("(Get-ChatTransfer).State").Lines);
        Assert.Empty(session.Run("$null = Get-ChatTransfer -Server $alice | Receive-ChatFile -Destination $root/inbox -Server $alice").Lines);
        session.Until("(Get-ChatTransfer).State -eq 'Completed'");
    }

    [Fact]
    public void Transfers_are_suspended_resumed_and_stopped_by_object_id_and_name()
    {
        using Session session = StartConversation();
        MakeFile("a.bin", 10);
        MakeFile("b.bin", 10);
        session.Run("$sent = Send-ChatFile alice $root/a.bin, $root/b.bin");

        Assert.Equal(["output: Suspended", "output: Suspended"], session.Run("$sent | Suspend-ChatTransfer -PassThru | ForEach-Object State").Lines);
        session.Run("Resume-ChatTransfer a.bin -WhatIf");
        Assert.Equal(["output: Suspended"], session.Run("(Get-ChatTransfer a.bin).State").Lines);
        Assert.Empty(session.Run("Resume-ChatTransfer -Id $sent[0].Id").Lines);
        session.Until("(Get-ChatTransfer a.bin).State -ne 'Suspended'");
        Assert.Equal(["output: b.bin Stopped"], session.Run("Stop-ChatTransfer b* -PassThru | ForEach-Object { \"$($_.Name) $($_.State)\" }").Lines);
        Assert.Equal("TransferUnknown", Id(session.Run("Stop-ChatTransfer b.bin"))); // it has ended
        Assert.Equal("TransferUnknown", Id(session.Run("Stop-ChatTransfer -Id ([guid]::NewGuid())")));
        Assert.Equal("TransferEnded", Id(session.Run("$sent[1] | Resume-ChatTransfer")));
        Assert.Empty(session.Run("Stop-ChatTransfer none*").Lines);
        session.Run("Get-ChatTransfer | Stop-ChatTransfer");
        Assert.Equal(["output: Stopped Stopped"], session.Run("\"$((Get-ChatTransfer).State)\"").Lines);
    }

    [Fact]
    public void A_job_lasts_as_long_as_its_transfers()
    {
        using Session session = StartConversation();
        MakeFile("x.bin", 1_000_000);
        session.Run("$sending = Send-ChatFile alice $root/x.bin -AsJob; $taking = Receive-ChatFile *.bin $root/inbox -AsJob -Server $alice");
        Assert.Equal(["output: Completed x.bin", "output: Completed x.bin"], session.Run("$sending, $taking | Wait-Job -Timeout 30 | Receive-Job | ForEach-Object { \"$($_.State) $($_.Name)\" }").Lines);
        Assert.Equal(["output: Completed Completed"], session.Run("\"$($sending.State) $($taking.State)\"; $sending, $taking | Remove-Job").Lines);

        // A job that is stopped stops its transfers.
        Assert.Equal(["output: Stopped Stopped"], session.Run("$job = Send-ChatFile alice $root/x.bin -AsJob; $job | Stop-Job; \"$($job.State) $((Get-ChatTransfer)[-1].State)\"; $job | Remove-Job").Lines);
        Assert.Equal(["output: Stopped"], session.Run("$job = Receive-ChatFile other.* -AsJob; $job | Stop-Job; $job.State; $job | Remove-Job -Force").Lines);
    }

    [Fact]
    public void What_cannot_be_received_is_an_error_with_the_way_out()
    {
        using Session session = StartConversation();
        Assert.Empty(session.Run("Receive-ChatFile").Lines);
        Assert.Equal("TransferUnknown", Id(session.Run("Receive-ChatFile none.txt")));
        Assert.Equal("TransferUnknown", Id(session.Run("Receive-ChatFile -Id ([guid]::NewGuid())")));
        Assert.Equal("TimedOut", Id(session.Run("Receive-ChatFile -Wait -TimeoutSec 0.05")));
        Assert.Equal("PeerUnknown", Id(session.Run("Receive-ChatFile -From nobody")));
        MakeFile("x.bin", 10);
        session.Run("$null = Send-ChatFile alice $root/x.bin");
        session.Until("(Get-ChatTransfer -Server $alice).State -eq 'Offered'");
        Assert.Equal("DestinationNotUsable", Id(session.Run("Receive-ChatFile x.bin $root/missing -Server $alice")));
        Assert.Equal("DestinationNotUsable", Id(session.Run("Start-ChatServer 127.0.0.1 0 carol -Ephemeral -ReceiveFilesTo $root/missing")));
    }

    [Fact]
    public void A_server_takes_files_by_rule()
    {
        using Session session = StartConversation();
        MakeFile("small.bin", 10);
        MakeFile("large.bin", 11);
        session.Run("""
            $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone -ReceiveFilesTo $root/inbox -ReceiveFilesFrom b* -MaxFileSize 10
            $null = Connect-ChatPeer $carol.Endpoint -Server $bob
            $null = Connect-ChatPeer $carol.Endpoint -Server $alice
            """);
        Assert.Equal(["output: Completed"], session.Run("Send-ChatFile carol $root/small.bin -Wait -Server $bob | ForEach-Object State").Lines);
        session.Run("$null = Send-ChatFile carol $root/large.bin -Server $bob; $null = Send-ChatFile carol $root/small.bin -Server $alice");
        session.Until("(Get-ChatTransfer -State Offered -Server $carol).Count -eq 2");
        Assert.Equal(["large.bin", "small.bin"], new[] { "large.bin" }.Concat(Directory.GetFiles(Path.Combine(_root, "inbox")).Select(Path.GetFileName)!));
    }

    [Fact]
    public void An_event_tells_how_a_file_goes_on()
    {
        using Session session = StartConversation();
        MakeFile("x.bin", 10);
        session.Run("""
            $global:seen = @()
            $null = Register-ChatEvent TransferProgress -From bob -Server $alice -Action { $global:seen += "$($EventArgs.Transfer.Name) $($EventArgs.Transfer.State)" }
            $null = Send-ChatFile alice $root/x.bin
            """);
        session.Until("@($seen)[0] -eq 'x.bin Offered'");
        session.Run("$null = Receive-ChatFile x.bin $root/inbox -Server $alice");
        session.Until("@($seen)[-1] -eq 'x.bin Completed'");
    }

    [Fact]
    public void Tab_completes_names_and_ids_of_what_the_command_is_about()
    {
        using Session session = StartConversation();
        MakeFile("my report.pdf", 10);
        session.Run("$sent = Send-ChatFile alice \"$root/my report.pdf\"");
        session.Until("(Get-ChatTransfer -Server $alice).State -eq 'Offered'");
        Assert.Equal(["output: 'my report.pdf'"], Tab(session, "Receive-ChatFile -Server $alice -Name my"));
        Assert.Empty(Tab(session, "Receive-ChatFile -Server $bob -Name my"));
        Assert.Equal(["output: 'my report.pdf'"], Tab(session, "Stop-ChatTransfer m"));
        Assert.Empty(Tab(session, "Resume-ChatTransfer m"));
        Assert.Equal(["output: True"], session.Run("(TabExpansion2 'Stop-ChatTransfer -Id ' 22).CompletionMatches.CompletionText -like \"*$($sent.Id)*\"").Lines);
    }

    private static IEnumerable<string> Tab(Session session, string line) =>
        session.Run($"(TabExpansion2 '{line}' {line.Length}).CompletionMatches | ForEach-Object {{ if ($_.ResultType -eq 'ParameterValue') {{ $_.CompletionText }} }}").Lines;

    private static string Id(Transcript transcript) => transcript.Error.FullyQualifiedErrorId.Split(',')[0];

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private Session StartConversation()
    {
        Session session = Session.StartConversation();
        Directory.CreateDirectory(Path.Combine(_root, "inbox"));
        session.Runspace.SessionStateProxy.SetVariable("root", _root);
        return session;
    }

    private void MakeFile(string name, int length) => File.WriteAllBytes(Path.Combine(_root, name), Bytes(length));

    private byte[] Content(string name) => File.ReadAllBytes(Path.Combine(_root, name));
}
