using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

public sealed class DiagnosisTests
{
    [Fact]
    public void A_peer_is_tested_by_name_by_wildcard_by_address_and_from_the_pipeline()
    {
        using Session session = Session.StartConversation();

        foreach (string script in new[]
        {
            "Test-ChatPeer alice", "Test-ChatPeer a*", "Get-ChatPeer | Test-ChatPeer", "'alice' | Test-ChatPeer", "Test-ChatPeer $alice.Endpoint", "Test-ChatPeer $alice.Address $alice.Port",
            "Test-ChatPeer -Address 127.0.0.1 -Port $alice.Port", "[pscustomobject]@{ ComputerName = '127.0.0.1'; Port = \"$($alice.Port)\" } | Test-ChatPeer",
        })
        {
            Transcript test = session.Run($"{script} | ForEach-Object {{ \"$($_.Peer) $($_.Succeeded) $($_.State) $($_.Trust) $($_.RoundTrip -gt 0) $($_.Suite)\" }}");
            Assert.Equal((script, "output: alice True Online Unverified True Noise_XXhfs_25519+MLKEM768_AESGCM_SHA256"), (script, string.Join('|', test.Lines)));
        }

        Assert.Equal(["output: bob"], session.Run("(Get-ChatPeer -Server $alice | Test-ChatPeer).Peer").Lines);
        Assert.Equal(["output: bob alice"], session.Run("\"$(Test-ChatPeer bob -Server alice | ForEach-Object Peer) $(Test-ChatPeer alice -Server $bob | ForEach-Object Peer)\"").Lines);
    }

    [Fact]
    public void Each_try_is_a_result_and_Quiet_says_whether_all_succeeded()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: 2"], session.Run("@(Test-ChatPeer alice -Count 2).Count").Lines);
        Assert.Equal(["output: True"], session.Run("Test-ChatPeer alice -Count 2 -Quiet").Lines);
        session.Run("Block-ChatPeer alice");
        Assert.Equal(["output: False"], session.Run("Test-ChatPeer alice -Quiet").Lines);
        Assert.Equal(["output: PeerBlocked"], session.Run("foreach ($once in 1) { Test-ChatPeer alice -Count 3 | ForEach-Object { $_.ErrorId; break } }").Lines);
    }

    [Fact]
    public void What_is_wrong_stands_in_the_result_and_only_what_cannot_be_meant_is_an_error()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: False OwnAddress Give the address of the other side."], session.Run("Test-ChatPeer $bob.Endpoint | ForEach-Object { \"$($_.Succeeded) $($_.ErrorId) $($_.Recommendation)\" }").Lines);
        Assert.Equal(("PeerUnknown", ErrorCategory.ObjectNotFound), Shape(session.Run("Test-ChatPeer ghost").Error));
        Assert.Equal(("AddressNotUsable", ErrorCategory.InvalidArgument), Shape(session.Run("Test-ChatPeer 127.0.0.1:abc").Error));
        Assert.Equal(["output: OwnAddress"], session.Run("Test-ChatPeer localhost $bob.Port | ForEach-Object ErrorId").Lines);
        Assert.Equal(("AddressNotUsable", ErrorCategory.InvalidArgument), Shape(session.Run("Test-ChatPeer -Address 127.0.0.1").Error));
        Assert.Equal(["error: PeerUnknown ghost"], [.. session.Run("Test-ChatPeer ghost, alice").Lines.Where(static line => line.StartsWith("error", StringComparison.Ordinal))]);
        Assert.Empty(session.Run("Test-ChatPeer nobody*").Lines);
        using Session without = Session.Start();
        Assert.Equal(("NoServer", ErrorCategory.InvalidOperation), Shape(without.Run("Test-ChatPeer ghost").Error));
    }

    [Fact]
    public void A_live_conversation_needs_a_person_at_a_terminal_and_somebody_to_talk_to()
    {
        using Session session = Session.StartConversation();

        ErrorRecord error = session.Run("Enter-ChatConversation alice").Error;
        Assert.Equal(("NotInteractive", ErrorCategory.InvalidOperation), Shape(error));
        Assert.Contains("Receive-ChatMessage -Wait", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["error: NotInteractive alice"], session.Run("Get-ChatPeer alice | Enter-ChatConversation").Lines);
        Assert.Equal(("PeerUnknown", ErrorCategory.ObjectNotFound), Shape(session.Run("Enter-ChatConversation ghost").Error));
        Assert.Equal(("PeerUnknown", ErrorCategory.ObjectNotFound), Shape(session.Run("Enter-ChatConversation a*").Error));
        session.Run("Block-ChatPeer alice");
        Assert.Equal(("PeerBlocked", ErrorCategory.PermissionDenied), Shape(session.Run("Enter-ChatConversation alice").Error));
        session.Run("$carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral; $null = Connect-ChatPeer $carol.Endpoint -Server $bob");
        session.Until("(Get-ChatPeer bob -Server $carol -ErrorAction Ignore).State -eq 'Requested'");
        Assert.Equal(("PeerNotApproved", ErrorCategory.PermissionDenied), Shape(session.Run("Enter-ChatConversation bob -Server carol").Error));
        using Session without = Session.Start();
        Assert.Equal(("NoServer", ErrorCategory.InvalidOperation), Shape(without.Run("Enter-ChatConversation alice").Error));
    }

    [Fact]
    public void Verbose_tells_a_whole_conversation_and_no_secret()
    {
        using Session session = Session.Start();
        string store = Directory.CreateTempSubdirectory("pssc-").FullName;
        try
        {
            session.Runspace.SessionStateProxy.SetVariable("store", Path.Combine(store, "hidden-folder"));
            Transcript start = session.Run("""
                $VerbosePreference = 'Continue'
                $words = [securestring]::new(); 'hidden-passphrase'.ToCharArray() | ForEach-Object { $words.AppendChar($_) }
                $alice = Start-ChatServer 127.0.0.1 0 alice -AcceptFrom Invited -Path $store -Passphrase $words
                $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
                $line = New-ChatInvitation -Server $alice
                $null = Connect-ChatPeer $line -Server $bob
                $null = Connect-ChatPeer $line -Server $bob
                $null = Send-ChatMessage alice 'hidden-text' -WaitFor Delivered -Server $bob
                $null = Get-ChatInbox -Server $alice
                $null = Test-ChatPeer alice -Server $bob
                Disconnect-ChatPeer alice -Server $bob
                $null = Send-ChatMessage alice 'hidden-text' -Server $bob -WarningAction Ignore
                $null = Connect-ChatPeer $alice.Endpoint -Server $bob
                $null = Get-ChatPeer -Server $bob
                Stop-ChatServer alice
                $null = Test-ChatPeer alice -Server $bob
                Stop-ChatServer bob
                """);
            string line = (string)session.Run("$VerbosePreference = 'SilentlyContinue'; $line").Output[0].BaseObject;
            Assert.Empty(start.Errors);
            string[] told = [.. start.Lines.Where(static line => line.StartsWith("verbose: ", StringComparison.Ordinal)).Select(static line => line[9..])];
            foreach (string step in new[]
            {
                "listening on 127.0.0.1:", "the store with the passphrase", "Now listening on", "connecting to", "connected to", "proved the fingerprint", "the one the invitation names",
                "the handshake Noise_XXhfs+psk0_25519+MLKEM768_AESGCM_SHA256 took", "answers as alice", "messages go on after 0 of ours", "already connected to alice", "is Delivered",
                "answered a ping", "the conversation ended after", "the one known as alice", "saying farewell to", "the store is closed", "Nothing listens at",
            })
            {
                Assert.Contains(told, said => said.Contains(step, StringComparison.Ordinal));
            }

            string all = string.Join('\n', start.Lines);
            foreach (string secret in new[] { "hidden", line, line[6..40], line[^30..] })
            {
                Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
            }
        }
        finally
        {
            session.Dispose();
            Directory.Delete(store, recursive: true);
        }
    }

    [Fact]
    public void Tab_completes_peers_after_both_cmdlets()
    {
        using Session session = Session.StartConversation();

        Assert.Equal(["output: alice"], session.Run("(TabExpansion2 'Test-ChatPeer a' 15).CompletionMatches.CompletionText").Lines);
        Assert.Equal(["output: alice"], session.Run("(TabExpansion2 'Enter-ChatConversation -With ' 29).CompletionMatches.CompletionText").Lines);
    }

    private static (string Id, ErrorCategory Category) Shape(ErrorRecord error) => (error.FullyQualifiedErrorId.Split(',')[0], error.CategoryInfo.Category);
}
