using System.Data.Common;
using System.Net;
using System.Net.Sockets;
using PSSecureChat.Faults;

namespace PSSecureChat.ModuleTests;

/// <summary>Ctrl+C in every cmdlet that waits, and what is left behind.</summary>
public sealed class StopTests : IDisposable
{
    private const string Secret = "$secret = [securestring]::new(); 'open sesame'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }";

    private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("Receive-ChatMessage -Wait")]
    [InlineData("Receive-ChatMessage -From alice -Wait -TimeoutSec 3600")]
    [InlineData("Receive-ChatMessage -Wait | ForEach-Object { $_ }")]
    [InlineData("Receive-ChatMessage -Wait -Consumer log")]
    [InlineData("Wait-ChatMessage -TimeoutSec 3600")]
    [InlineData("Wait-ChatMessage -InReplyTo $question")]
    [InlineData("Send-ChatMessage alice hi -WaitFor Read -TimeoutSec 3600")]
    [InlineData("'one', 'two' | Send-ChatMessage alice -WaitFor Read -TimeoutSec 3600")]
    [InlineData("Send-ChatMessage gone hi -WaitFor Delivered -TimeoutSec 3600 -WarningAction Ignore")]
    [InlineData("Send-ChatMessage gone hi -WaitFor Delivered -TimeoutSec 3600 -WarningAction Ignore -Verbose")]
    [InlineData("Test-ChatPeer alice -Count 1000000 -Quiet")]
    [InlineData("Send-ChatFile alice $file -Wait")]
    [InlineData("Receive-ChatFile -Wait -Destination $root")]
    [InlineData("Receive-ChatFile -Wait -Destination $root -TimeoutSec 3600 -Server $alice")]
    [InlineData("$offered | Receive-ChatFile -Wait -Destination $root -Server $alice")]
    public void Ctrl_C_ends_a_wait_at_once_and_the_server_goes_on(string waiting)
    {
        using Session session = Session.StartConversation();
        string file = Path.Combine(_root, "x.bin");
        File.WriteAllBytes(file, new byte[10]);
        session.Runspace.SessionStateProxy.SetVariable("root", _root);
        session.Runspace.SessionStateProxy.SetVariable("file", file);
        Assert.Empty(session.Run("""
            $gone = Start-ChatServer 127.0.0.1 0 gone -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $gone.Endpoint -Server $bob
            Stop-ChatServer $gone
            $question = Send-ChatMessage alice '?' -WaitFor Delivered
            """).Errors);
        if (waiting.StartsWith("$offered", StringComparison.Ordinal))
        {
            // Taken, and it does not come.
            session.Run("$sent = Send-ChatFile alice $file");
            session.Until("($offered = Get-ChatTransfer -Server $alice).State -eq 'Offered'");
            session.Run("$offered = Get-ChatTransfer -Server $alice; $sent | Suspend-ChatTransfer");
        }

        session.AssertStops(waiting);

        Assert.Equal(["output: Running"], session.Run("$bob.State").Lines);
        Assert.DoesNotContain("output: True", session.Run("(Get-ChatConsumer).InUse").Lines);
        Assert.Equal(["output: after"], session.Run("$null = Send-ChatMessage alice after -WaitFor Delivered; (Get-ChatInbox -Server $alice)[-1].Text").Lines);
    }

    [Theory]
    [InlineData("Connect-ChatPeer $silent -TimeoutSec 3600")]
    [InlineData("Test-ChatPeer $silent -TimeoutSec 3600")]
    public async Task Ctrl_C_ends_an_attempt_to_connect_and_its_connection(string attempt)
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using Session session = Session.Start();
        session.Runspace.SessionStateProxy.SetVariable("silent", silent.LocalEndpoint.ToString());
        session.Run("$null = Start-ChatServer 127.0.0.1 0 alice -Ephemeral");

        session.AssertStops(attempt);

        using Socket connection = await silent.AcceptSocketAsync(TestContext.Current.CancellationToken);
        byte[] said = new byte[4096];
        while (await connection.ReceiveAsync(said, TestContext.Current.CancellationToken) > 0)
        {
            // what was said before
        }

        Assert.Empty(session.Run("Get-ChatPeer").Lines);
    }

    [Fact]
    public void Ctrl_C_while_the_key_is_derived_leaves_no_server_no_port_and_no_store()
    {
        using Session session = Session.Start();
        int port = FreePort.Find();
        session.Runspace.SessionStateProxy.SetVariable("port", port);
        session.Runspace.SessionStateProxy.SetVariable("store", Path.Combine(_root, "store"));
        session.Run(Secret);

        session.AssertStops("Start-ChatServer 127.0.0.1 $port alice -Path $store -Passphrase $secret");

        using (TcpListener free = new(IPAddress.Loopback, port))
        {
            free.Start();
        }

        Assert.Empty(session.Run("Get-ChatServer").Lines);
        Assert.Equal(["output: alice"], session.Run("$secret.AppendChar('!'); (Start-ChatServer 127.0.0.1 $port alice -Path $store -Passphrase $secret).Name").Lines);
    }

    [Fact]
    public void Ctrl_C_while_a_store_is_opened_leaves_it_as_it_was()
    {
        using Session session = Session.Start();
        string store = Path.Combine(_root, "store");
        session.Runspace.SessionStateProxy.SetVariable("store", store);
        session.Run("$fingerprint = (Start-ChatServer 127.0.0.1 0 alice -Path $store).Fingerprint; Stop-ChatServer");
        using (DbConnection held = Stopping.Hold(store))
        {
            session.AssertStops("Start-ChatServer 127.0.0.1 0 alice -Path $store");
            Assert.Empty(session.Run("Get-ChatServer").Lines);
        }

        Assert.Equal(["output: True"], session.Run("(Start-ChatServer 127.0.0.1 0 alice -Path $store).Fingerprint -eq $fingerprint").Lines);
    }

    [Fact]
    public void Ctrl_C_ends_the_wait_for_a_server_to_stop_and_it_stops()
    {
        using Session session = Session.StartConversation();
        string store = Path.Combine(_root, "store");
        session.Runspace.SessionStateProxy.SetVariable("store", store);
        session.Run("$kept = Start-ChatServer 127.0.0.1 0 kept -Path $store; $null = Connect-ChatPeer $alice.Endpoint -Server $kept; Disconnect-ChatPeer alice -Server $kept");
        using (DbConnection held = Stopping.Hold(store))
        {
            session.AssertStops("Send-ChatMessage alice late -Server $kept -WarningAction Ignore"); // it is with the writer now
            session.AssertStops("Stop-ChatServer $kept");
        }

        Assert.Equal(["output: Stopped"], session.Run("$kept.State").Lines);
        session.Until("$null = Start-ChatServer 127.0.0.1 0 again -Path $store -ErrorAction Ignore; $?");
        Assert.Equal(["output: late"], session.Run("Get-ChatHistory -Server again | ForEach-Object Text").Lines);
    }

    [Fact]
    public void Ctrl_C_in_a_backup_or_its_restoring_leaves_no_file()
    {
        using Session session = Session.Start();
        session.Runspace.SessionStateProxy.SetVariable("root", _root);
        session.Run($"{Secret}; $null = Start-ChatServer 127.0.0.1 0 alice -Path $root/store; $null = Backup-ChatStore $root/whole $secret");

        session.AssertStops("Backup-ChatStore $root/half $secret");
        session.AssertStops("Backup-ChatStore $root/whole $secret -Force");
        session.AssertStops("Restore-ChatStore $root/whole $secret $root/restored");

        Assert.Equal(["output: restored again"], session.Run("(Restore-ChatStore $root/whole $secret \"$root/restored again\").Name").Lines);
        Assert.True(SpinWait.SpinUntil(() => Directory.GetFileSystemEntries(_root).Length == 3, Session.Limit), string.Join('\n', Directory.GetFileSystemEntries(_root)));
        Assert.Equal(["restored again", "store", "whole"], Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order());
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "store"), "snapshot*"));
    }
}
