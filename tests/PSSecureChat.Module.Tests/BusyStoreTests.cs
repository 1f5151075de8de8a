using System.Data.Common;

namespace PSSecureChat.ModuleTests;

/// <summary>Ctrl+C in every cmdlet that waits for the store, while the disk takes its time.</summary>
public sealed class BusyStoreTests(BusyStoreTests.Scene scene) : IClassFixture<BusyStoreTests.Scene>
{
    [Theory]
    [InlineData("Send-ChatMessage bob hi -PassThru")]
    [InlineData("'one', 'two' | Send-ChatMessage bob")]
    [InlineData("Send-ChatMessage bob hi -WaitFor Delivered")]
    [InlineData("Remove-ChatMessage $sent")]
    [InlineData("Get-ChatInbox -Unread", 1)]
    [InlineData("Receive-ChatMessage -Wait", 1)]
    [InlineData("Wait-ChatMessage", 1)]
    [InlineData("Receive-ChatMessage -Consumer another")]
    [InlineData("Receive-ChatMessage -Consumer log -Wait", 1)]
    [InlineData("Remove-ChatConsumer old")]
    [InlineData("Approve-ChatPeer asks")]
    [InlineData("Confirm-ChatPeer bob $number")]
    [InlineData("Block-ChatPeer annoys")]
    [InlineData("Unblock-ChatPeer annoyed")]
    [InlineData("Remove-ChatPeer leaves -Confirm:$false")]
    [InlineData("Connect-ChatPeer $new.Endpoint")]
    [InlineData("New-ChatInvitation")]
    [InlineData("Remove-ChatInvitation $line")]
    [InlineData("Send-ChatFile bob $file")]
    [InlineData("Suspend-ChatTransfer one.bin")]
    [InlineData("Resume-ChatTransfer two.bin")]
    [InlineData("Stop-ChatTransfer three.bin")]
    [InlineData("Receive-ChatFile four.bin $root")]
    public void Ctrl_C_ends_the_wait_and_the_server_goes_on(string waiting, int emits = 0)
    {
        scene.SendUnread();
        using (DbConnection held = Stopping.Hold(scene.Store))
        {
            scene.Session.AssertStops(waiting, emits);
        }

        Assert.Equal(["output: Delivered"], scene.Session.Run("(Send-ChatMessage bob after -WaitFor Delivered).State").Lines);
    }

    /// <summary>One server with a store on the disk, the default, and others it has to do with.</summary>
    public sealed class Scene : IDisposable
    {
        private readonly string _root = Directory.CreateTempSubdirectory("pssc-").FullName;

        public Scene()
        {
            foreach (string name in new[] { "one", "two", "three", "four", "five" })
            {
                File.WriteAllBytes(Path.Combine(_root, $"{name}.bin"), new byte[10]);
            }

            Session.Runspace.SessionStateProxy.SetVariable("root", _root);
            Assert.Empty(Session.Run("""
                $others = @{ }
                'bob', 'asks', 'annoys', 'annoyed', 'leaves', 'new' | ForEach-Object { $others[$_] = Start-ChatServer 127.0.0.1 0 $_ -Ephemeral -AcceptFrom Anyone }
                $bob, $new = $others.bob, $others.new
                $alice = Start-ChatServer 127.0.0.1 0 alice -Path $root/alice
                $null = Connect-ChatPeer $bob.Endpoint
                'asks', 'annoys', 'annoyed', 'leaves' | ForEach-Object { $null = Connect-ChatPeer $alice.Endpoint -Server $_ }
                """).Errors);
            Session.Until("@(Get-ChatPeer | Where-Object State -eq Requested).Count -eq 4 -and (Get-ChatPeer alice -Server $bob).State -eq 'Online'");
            Assert.Empty(Session.Run("""
                Approve-ChatPeer annoyed, leaves
                Block-ChatPeer annoyed
                $number = (Get-ChatPeer bob).SafetyNumber
                $line = New-ChatInvitation
                $sent = Send-ChatMessage bob 'to be removed' -WaitFor Delivered
                $null = Send-ChatMessage alice first -Server $bob -WaitFor Delivered
                Receive-ChatMessage -Consumer old | Out-Null
                Receive-ChatMessage -Consumer log | Out-Null
                $null = Send-ChatFile bob $root/one.bin, $root/two.bin, $root/three.bin
                Suspend-ChatTransfer two.bin
                $null = Send-ChatFile alice $root/four.bin -Server $bob
                $file = "$root/five.bin"
                """).Errors);
            Session.Until("(Get-ChatTransfer four.bin -ErrorAction Ignore).State -eq 'Offered' -and @(Get-ChatTransfer -Server $bob).Count -ge 3");
        }

        internal Session Session { get; } = Session.Start();

        internal string Store => Path.Combine(_root, "alice");

        public void Dispose()
        {
            Session.Dispose();
            Directory.Delete(_root, recursive: true);
        }

        /// <summary>One message that nobody and no consumer has read.</summary>
        internal void SendUnread()
        {
            Assert.Empty(Session.Run("$null = Get-ChatInbox; $null = Receive-ChatMessage -Consumer log; $null = Send-ChatMessage alice unread -Server $bob -WaitFor Delivered").Errors);
        }
    }
}
