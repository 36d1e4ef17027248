class Sescheck < Formula
  desc "Checks the DNS records of Amazon SES domains against a file"
  homepage "https://github.com/sescheck/sescheck"
  version "{{.Version}}"
  license "MIT"

  on_macos do
    on_arm do
      url "{{.URL "darwin" "arm64"}}"
      sha256 "{{.Sum "darwin" "arm64"}}"
    end
    on_intel do
      url "{{.URL "darwin" "amd64"}}"
      sha256 "{{.Sum "darwin" "amd64"}}"
    end
  end

  on_linux do
    on_arm do
      url "{{.URL "linux" "arm64"}}"
      sha256 "{{.Sum "linux" "arm64"}}"
    end
    on_intel do
      url "{{.URL "linux" "amd64"}}"
      sha256 "{{.Sum "linux" "amd64"}}"
    end
  end

  def install
    bin.install "sescheck"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/sescheck.bash" => "sescheck"
    zsh_completion.install "completions/_sescheck"
    fish_completion.install "completions/sescheck.fish"
    doc.install "NOTICES"
  end

  test do
    assert_equal "sescheck version #{version}", shell_output("#{bin}/sescheck --version").strip
  end
end
